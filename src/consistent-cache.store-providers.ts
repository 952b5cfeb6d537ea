import type { Provider } from '@nestjs/common';
import { CACHE_MANAGER } from '@nestjs/cache-manager';
import type { Cache } from 'cache-manager';
import { InvalidOptionsError } from './consistent-cache.options.js';
import type { ResolvedOptions } from './consistent-cache.options.js';
import { InProcessWriteIntents } from './coordination/in-process/in-process-write-intents.js';
import type { OpenOutbox } from './coordination/eviction-outbox.js';
import type { OpenStore, SharedStoreEvent } from './coordination/shared-store.js';
import { WriteIntents } from './coordination/write-intents.js';
import { InProcessVersionStore } from './coordination/in-process/in-process-version-store.js';
import { VersionStore } from './coordination/version-store.js';
import { CacheEvents } from './observability/event-channel.js';
import { EntryStore } from './storage/entry-store.js';
import { cacheInMemory, cacheInStores, copiesInMemory, entriesBeside, entriesIn } from './storage/stores.js';
import { TieredEntryStore } from './storage/tiered-entry-store.js';
import { Clock, SystemClock } from './time/clock.js';
import { OPEN_OUTBOX, OPEN_STORE, RESOLVED_OPTIONS } from './consistent-cache.tokens.js';

/** Where entries, versions and announcements are kept, and by which clock. */
export const STORE_PROVIDERS: Provider[] = [
  { provide: OPEN_STORE, inject: [RESOLVED_OPTIONS, CacheEvents], useFactory: openStoreOf },
  {
    provide: Clock,
    inject: [OPEN_STORE],
    useFactory: (shared: OpenStore | undefined) => shared?.clock ?? new SystemClock(),
  },
  {
    provide: EntryStore,
    inject: [RESOLVED_OPTIONS, OPEN_STORE, Clock, CacheEvents, { token: CACHE_MANAGER, optional: true }],
    useFactory: entryStoreOf,
  },
  {
    provide: VersionStore,
    inject: [RESOLVED_OPTIONS, OPEN_STORE],
    useFactory: ({ maxTags }: ResolvedOptions, shared: OpenStore | undefined) =>
      shared?.versions ?? new InProcessVersionStore(maxTags),
  },
  {
    provide: WriteIntents,
    inject: [OPEN_STORE, Clock],
    useFactory: (shared: OpenStore | undefined, clock: Clock) => shared?.intents ?? new InProcessWriteIntents(clock),
  },
  { provide: OPEN_OUTBOX, inject: [RESOLVED_OPTIONS, OPEN_STORE, Clock, CacheEvents], useFactory: openOutboxOf },
];

async function openStoreOf(options: ResolvedOptions, events: CacheEvents): Promise<OpenStore | undefined> {
  const { sharedStore, enabled, namespace, storeDeadlineMs, copies, maxTags } = options;
  if (sharedStore === undefined || !enabled) return undefined;

  return sharedStore.open({
    namespace,
    deadlineMs: storeDeadlineMs,
    clock: new SystemClock(),
    copiedTags: copies ? maxTags : undefined,
    report: (event) => {
      events.publish(event);
    },
  });
}

function openOutboxOf(
  { outbox, namespace }: ResolvedOptions,
  shared: OpenStore | undefined,
  clock: Clock,
  events: CacheEvents,
): OpenOutbox | undefined {
  // Versions in memory die with the writer; the options refuse an outbox without a store.
  if (shared === undefined) return undefined;

  return outbox?.open({
    namespace,
    store: shared.id,
    clock,
    report: (event) => {
      events.publish(event);
    },
  });
}

function entryStoreOf(
  options: ResolvedOptions,
  shared: OpenStore | undefined,
  clock: Clock,
  events: CacheEvents,
  existing: Cache | undefined,
): EntryStore {
  const { namespace, storeDeadlineMs, maxEntries, copies } = options;
  const report = (event: SharedStoreEvent): void => {
    events.publish(event);
  };
  if (shared === undefined) return entriesIn(cacheOf(options, existing), namespace, clock, storeDeadlineMs, report);
  // The shared store reports for itself; what its writes do would be said twice.
  const entries = entriesBeside(shared.texts, shared.cache, namespace, clock, storeDeadlineMs);

  return copies ? new TieredEntryStore(copiesInMemory(maxEntries), entries, shared.feed, clock) : entries;
}

function cacheOf({ stores, cacheManager, maxEntries }: ResolvedOptions, existing: Cache | undefined): Cache {
  if (stores !== undefined) return cacheInStores(stores);
  if (cacheManager === undefined) return cacheInMemory(maxEntries);
  const cache = cacheManager === 'existing' ? existing : cacheManager;
  if (cache === undefined) {
    throw new InvalidOptionsError([
      "cacheManager is 'existing', but there is no CACHE_MANAGER: register CacheModule with isGlobal: true",
    ]);
  }

  return cache;
}
