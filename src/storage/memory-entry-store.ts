import type { CacheEntry } from '../entry/cache-entry.js';
import { SHORT_NAME_END } from '../entry/subject.js';
import type { BoundedMemoryStore } from './bounded-memory-store.js';
import { ABSENT, EntryStore } from './entry-store.js';
import type { EntryAddress, Lookup } from './entry-store.js';
import { MemoryEntry } from './memory-entry.js';

/**
 * Entries by reference in the bounded memory store that stands behind a cache-manager.
 *
 * Nothing is encoded: a sealed value is already a frozen copy that nobody else holds. It uses the store's own synchronous
 * side: cache-manager and Keyv would make 14 promises of a write (docs/decisions/0004-memory-without-promises.md).
 */
export class MemoryEntryStore extends EntryStore {
  /** A short name for each cache: the price of finding a fresh text in a map is its length. */
  private readonly shortNames = new Map<string, string>();

  constructor(private readonly memory: BoundedMemoryStore) {
    super();
  }

  override find({ policy, subject, key }: EntryAddress): Lookup {
    const cacheName = this.shortNames.get(policy.keyPrefix);
    if (cacheName === undefined) return ABSENT;
    const entry = this.memory.peek(cacheName + subject.shortName + key) as CacheEntry | undefined;

    return entry === undefined ? ABSENT : { state: 'found', entry };
  }

  override put({ policy, subject, key }: EntryAddress, entry: CacheEntry): void {
    let cacheName = this.shortNames.get(policy.keyPrefix);
    if (cacheName === undefined) {
      cacheName = this.shortNames.size.toString(36) + SHORT_NAME_END;
      this.shortNames.set(policy.keyPrefix, cacheName);
    }
    // Joined, not added: V8 would keep the parts of a sum beside the text that it makes of them.
    const location = [cacheName, subject.shortName, key].join('');
    this.memory.set(location, { value: new MemoryEntry(policy.keyPrefix, location, entry) });
  }

  override forget({ policy, subject, key }: EntryAddress): void {
    const cacheName = this.shortNames.get(policy.keyPrefix);
    if (cacheName !== undefined) this.memory.delete(cacheName + subject.shortName + key);
  }
}
