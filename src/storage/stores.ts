import { createCache } from 'cache-manager';
import type { Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { KeyvStoreAdapter } from 'keyv';
import type { Clock } from '../time/clock.js';
import { BoundedMemoryStore } from './bounded-memory-store.js';
import { CacheManagerEntryStore } from './cache-manager-entry-store.js';
import type { EntryStore } from './entry-store.js';
import { MemoryEntryStore } from './memory-entry-store.js';

/** The default: a cache-manager over a bounded LRU in memory. */
export function cacheInMemory(maxEntries: number): Cache {
  return createCache({ stores: [new BoundedMemoryStore(maxEntries).asKeyv()] });
}

/** A cache-manager over the stores that the application names. They are made to report their failures instead of hiding them. */
export function cacheInStores(stores: readonly (Keyv | KeyvStoreAdapter)[]): Cache {
  const keyvs = stores.map((store) => (store instanceof Keyv ? store : new Keyv({ store, useKeyPrefix: false })));
  for (const keyv of keyvs) keyv.throwOnErrors = true;

  return createCache({ stores: keyvs });
}

/** Entries in the stores of a cache-manager: by reference in our own memory store, as text in every other. */
export function entriesIn(cache: Cache, namespace: string, clock: Clock, deadlineMs: number): EntryStore {
  for (const store of cache.stores) {
    // Once, because a store may outlive the application and serve the next one.
    if (!store.listeners('error').includes(reportedByTheCall)) store.on('error', reportedByTheCall);
  }
  const [first, ...others] = cache.stores;
  const behind: unknown = first?.store;

  return others.length === 0 && behind instanceof BoundedMemoryStore
    ? new MemoryEntryStore(behind)
    : new CacheManagerEntryStore(cache, namespace, clock, deadlineMs);
}

/** A Keyv without a listener lets a lost connection end the process; each failing call reports itself. */
function reportedByTheCall(): void {
  return undefined;
}
