import type { Cache } from 'cache-manager';
import type { TextReads } from '../coordination/text-reads.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { storeKey } from '../entry/cache-key.js';
import { decodeEntry, encodeEntry } from '../entry/entry-codec.js';
import type { StoreGuard } from '../resilience/store-guard.js';
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
  /** @param texts reads instead of the stores, with a guard of its own; writes go to the cache all the same */
  constructor(
    private readonly cache: Cache,
    private readonly namespace: string,
    private readonly clock: Clock,
    private readonly guard: StoreGuard,
    private readonly texts?: TextReads,
  ) {
    super();
  }

  override async find(address: EntryAddress): Promise<Lookup> {
    const fullKey = fullKeyOf(address);
    try {
      const entry = decodeEntry(await this.read(this.locationOf(fullKey)), address.policy.codecs);

      if (entry === undefined) return ABSENT;
      if (entry.key === fullKey) return { state: 'found', entry };
    } catch (cause) {
      return { state: 'unavailable', cause };
    }
    // Whatever else came over that connection may be another caller's, too.
    this.texts?.distrust();

    return FOREIGN;
  }

  override async put({ policy }: EntryAddress, entry: CacheEntry): Promise<void> {
    // Stores accept whole positive milliseconds only, and "store" anything else without keeping it.
    const ttlMs = Math.ceil(entry.deadlineMs - this.clock.nowMs());
    if (ttlMs <= 0) return;

    // Outside the guard: what cannot be encoded is no failure of the store.
    const text = encodeEntry(entry, policy.codecs);
    await this.guard.call('write of an entry', () => this.cache.set(this.locationOf(entry.key), text, ttlMs));
  }

  private locationOf(key: string): string {
    return `${this.namespace}:${storeKey(key)}`;
  }

  private read(location: string): Promise<unknown> {
    return this.texts?.get(location) ?? this.guard.call('read of an entry', () => this.readStores(location));
  }

  private async readStores(location: string): Promise<unknown> {
    for (const store of this.cache.stores) {
      const stored: unknown = await store.get(location).catch(nothingIfUnreadable);
      if (stored !== undefined && stored !== null) return stored;
    }

    return undefined;
  }
}

/**
 * A Keyv decodes what its store gives: text that it cannot parse is nobody's entry, and the next write replaces it.
 *
 * Not for the guard to see, because a store that gives text is a store that answers.
 */
function nothingIfUnreadable(error: unknown): undefined {
  if (error instanceof Error && error.name === 'SyntaxError') return undefined;
  throw error;
}
