import type { Cache } from 'cache-manager';
import type { CacheEntry } from '../entry/cache-entry.js';
import { storeKey } from '../entry/cache-key.js';
import { decodeEntry, encodeEntry } from '../entry/entry-codec.js';
import { withDeadline } from '../resilience/deadline.js';
import type { Clock } from '../time/clock.js';
import { ABSENT, EntryStore, FOREIGN, fullKeyOf } from './entry-store.js';
import type { EntryAddress, Lookup } from './entry-store.js';

/**
 * Entries as text in whatever stores a cache-manager has.
 *
 * Text, because stores differ in what they do to objects: some keep the reference, some turn a Date into a string. It
 * asks the stores themselves, in cache-manager's order, because `cache.get` answers `undefined` for a failing store as for
 * an empty one.
 */
export class CacheManagerEntryStore extends EntryStore {
  constructor(
    private readonly cache: Cache,
    private readonly namespace: string,
    private readonly clock: Clock,
    private readonly deadlineMs: number,
  ) {
    super();
  }

  override async find(address: EntryAddress): Promise<Lookup> {
    const fullKey = fullKeyOf(address);
    try {
      const stored = await withDeadline('read of an entry', this.deadlineMs, this.read(this.locationOf(fullKey)));
      const entry = decodeEntry(stored, address.policy.codecs);

      if (entry === undefined) return ABSENT;

      return entry.key === fullKey ? { state: 'found', entry } : FOREIGN;
    } catch (cause) {
      return isUnreadable(cause) ? ABSENT : { state: 'unavailable', cause };
    }
  }

  override async put({ policy }: EntryAddress, entry: CacheEntry): Promise<void> {
    // Stores accept whole positive milliseconds only, and "store" anything else without keeping it.
    const ttlMs = Math.ceil(entry.deadlineMs - this.clock.nowMs());
    if (ttlMs <= 0) return;

    const stored = this.cache.set(this.locationOf(entry.key), encodeEntry(entry, policy.codecs), ttlMs);
    await withDeadline('write of an entry', this.deadlineMs, stored);
  }

  private locationOf(key: string): string {
    return `${this.namespace}:${storeKey(key)}`;
  }

  private async read(location: string): Promise<unknown> {
    for (const store of this.cache.stores) {
      const stored: unknown = await store.get(location);
      if (stored !== undefined && stored !== null) return stored;
    }

    return undefined;
  }
}

/** A Keyv decodes what its store gives: text that it cannot parse is nobody's entry, and the next write replaces it. */
function isUnreadable(unavailable: unknown): boolean {
  const { cause } = unavailable as { readonly cause?: unknown };

  return cause instanceof Error && cause.name === 'SyntaxError';
}
