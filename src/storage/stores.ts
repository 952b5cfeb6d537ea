import { createCache } from 'cache-manager';
import type { Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { KeyvStoreAdapter } from 'keyv';
import type { SharedStoreEvent } from '../coordination/shared-store.js';
import type { TextReads } from '../coordination/text-reads.js';
import { StoreGuard } from '../resilience/store-guard.js';
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

/** How long nobody asks a store that does not answer. A probe costs one caller one deadline; a longer pause costs the origin. */
const RETRY_AFTER_MS = 1_000;

/** Hears when a store is suspended, and when it has resumed. */
type Report = (event: SharedStoreEvent) => void;

/** Entries in the stores of a cache-manager: by reference in our own memory store, as text in every other. */
export function entriesIn(
  cache: Cache,
  namespace: string,
  clock: Clock,
  deadlineMs: number,
  report?: Report,
): EntryStore {
  const [first, ...others] = cache.stores;
  const behind: unknown = first?.store;
  if (others.length === 0 && behind instanceof BoundedMemoryStore) return new MemoryEntryStore(behind);
  hearErrors(cache);

  return new CacheManagerEntryStore(cache, namespace, clock, guardOf(clock, deadlineMs, report));
}

/** Entries as text in a shared store, read by way of `texts`, which has a guard of its own. */
export function entriesBeside(
  texts: TextReads,
  cache: Cache,
  namespace: string,
  clock: Clock,
  deadlineMs: number,
  report?: Report,
): EntryStore {
  hearErrors(cache);

  return new CacheManagerEntryStore(cache, namespace, clock, guardOf(clock, deadlineMs, report), texts);
}

/** Entries by reference in a bounded memory of their own, for copies of what a shared store holds. */
export function copiesInMemory(maxEntries: number): MemoryEntryStore {
  return new MemoryEntryStore(new BoundedMemoryStore(maxEntries));
}

function guardOf(clock: Clock, deadlineMs: number, report: Report | undefined): StoreGuard {
  return new StoreGuard({
    deadlineMs,
    retryAfterMs: RETRY_AFTER_MS,
    clock,
    onSuspended: (cause) => report?.({ type: 'store-suspended', cause }),
    onResumed: (suspendedMs) => report?.({ type: 'store-resumed', suspendedMs }),
  });
}

function hearErrors(cache: Cache): void {
  for (const store of cache.stores) {
    // Once, because a store may outlive the application and serve the next one.
    if (!store.listeners('error').includes(reportedByTheCall)) store.on('error', reportedByTheCall);
  }
}

/** A Keyv without a listener lets a lost connection end the process; each failing call reports itself. */
function reportedByTheCall(): void {
  return undefined;
}
