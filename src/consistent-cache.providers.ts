import { createHmac, randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { CACHE_MANAGER } from '@nestjs/cache-manager';
import type { Cache } from 'cache-manager';
import { APP_INTERCEPTOR, DiscoveryService } from '@nestjs/core';
import { CacheCatalogue } from './catalogue/cache-catalogue.js';
import { DeclarationExplorer } from './catalogue/declaration-explorer.js';
import { MODULE_OPTIONS_TOKEN } from './consistent-cache.module-definition.js';
import { InvalidOptionsError, resolveOptions } from './consistent-cache.options.js';
import type { ConsistentCacheOptions, ResolvedOptions } from './consistent-cache.options.js';
import { ConsistentCache } from './consistent-cache.js';
import { CallScopes } from './context/call-scope.js';
import type { TicketIssue } from './context/caller-session.js';
import { LoadContext } from './context/load-context.js';
import { SessionContext } from './context/session-context.js';
import { CookieTicketCarrier, HeaderTicketCarrier } from './http/ticket-carrier.js';
import type { TicketCarrier } from './http/ticket-carrier.js';
import { Transactions } from './context/transactions.js';
import { CallerContext } from './context/caller-context.js';
import { watchIdentity } from './context/watched-identity.js';
import { Subjects } from './context/subjects.js';
import type { StoreCapabilities } from './coordination/capabilities.js';
import { InProcessWriteIntents } from './coordination/in-process/in-process-write-intents.js';
import type { OpenOutbox } from './coordination/eviction-outbox.js';
import type { OpenStore, SharedStoreEvent } from './coordination/shared-store.js';
import { WriteIntents } from './coordination/write-intents.js';
import { IN_PROCESS_CAPABILITIES, InProcessVersionStore } from './coordination/in-process/in-process-version-store.js';
import { VersionStore } from './coordination/version-store.js';
import { METHOD_INVOKER } from './decorators/method-trampoline.js';
import { Eviction } from './engine/eviction.js';
import { BackgroundRefresh } from './engine/background-refresh.js';
import { EntryJudge } from './engine/entry-judge.js';
import { OriginCaller } from './engine/origin-caller.js';
import { OriginLoader } from './engine/origin-loader.js';
import { ReadAnswers } from './engine/read-answers.js';
import { ReadThrough } from './engine/read-through.js';
import { RecordedEvictions } from './engine/recorded-evictions.js';
import { Relays } from './engine/relays.js';
import { SharedLoads } from './engine/shared-loads.js';
import { CacheContextInterceptor } from './interceptors/cache-context.interceptor.js';
import { CacheEvictInterceptor } from './interceptors/cache-evict.interceptor.js';
import { CacheInvoker } from './interceptors/cache-invoker.js';
import { CacheableInterceptor } from './interceptors/cacheable.interceptor.js';
import { InvocationFactory } from './interceptors/invocation-factory.js';
import { WarmUp } from './interceptors/warm-up.js';
import { CacheMetrics } from './observability/cache-metrics.js';
import { CacheEvents } from './observability/event-channel.js';
import { logRefusals } from './observability/refusal-log.js';
import { EntryStore } from './storage/entry-store.js';
import { cacheInMemory, cacheInStores, copiesInMemory, entriesBeside, entriesIn } from './storage/stores.js';
import { TieredEntryStore } from './storage/tiered-entry-store.js';
import { Clock, SystemClock } from './time/clock.js';

/** The opened shared store; undefined where there is none. @internal */
export const OPEN_STORE = Symbol('nestjs-consistent-cache:open-store');

/** The opened outbox; undefined where there is none. @internal */
export const OPEN_OUTBOX = Symbol('nestjs-consistent-cache:open-outbox');

/** What session tickets are made with. @internal */
export const TICKET_ISSUE = Symbol('nestjs-consistent-cache:ticket-issue');

/** The validated options. @internal */
export const RESOLVED_OPTIONS = Symbol('nestjs-consistent-cache:options');

/** Everything is wired here, once; the parts below know neither Nest nor each other's construction. */
export const PROVIDERS: Provider[] = [
  {
    provide: RESOLVED_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (options: ConsistentCacheOptions | undefined) => resolveOptions(options ?? {}),
  },
  { provide: CacheEvents, useFactory: () => new CacheEvents() },
  { provide: OPEN_STORE, inject: [RESOLVED_OPTIONS, CacheEvents], useFactory: openStoreOf },
  {
    provide: Clock,
    inject: [OPEN_STORE],
    useFactory: (shared: OpenStore | undefined) => shared?.clock ?? new SystemClock(),
  },
  {
    provide: CacheMetrics,
    inject: [CacheEvents],
    useFactory: (events: CacheEvents) => {
      logRefusals(events, new Logger('ConsistentCache'));
      return new CacheMetrics(events);
    },
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
  {
    provide: CallScopes,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ identity, enabled }: ResolvedOptions) => {
      const scopes = new CallScopes(identity.ambient);
      if (enabled) for (const watched of identity.watched ?? []) scopes.onClose(watchIdentity(scopes, watched));
      return scopes;
    },
  },
  {
    provide: Subjects,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ subjectSecret }: ResolvedOptions) => new Subjects(subjectSecret),
  },
  {
    provide: TICKET_ISSUE,
    inject: [RESOLVED_OPTIONS, VersionStore, Clock, CacheEvents],
    useFactory: (
      { subjectSecret, namespace }: ResolvedOptions,
      versions: VersionStore,
      clock: Clock,
      events: CacheEvents,
    ) => ticketIssueOf(subjectSecret, namespace, versions, clock, events),
  },
  {
    provide: SessionContext,
    inject: [CallScopes, TICKET_ISSUE],
    useFactory: (scopes: CallScopes, issue: TicketIssue) => new SessionContext(scopes, issue),
  },
  { provide: Transactions, inject: [CallScopes], useFactory: (scopes: CallScopes) => new Transactions(scopes) },
  { provide: LoadContext, inject: [CallScopes], useFactory: (scopes: CallScopes) => new LoadContext(scopes) },
  { provide: CallerContext, inject: [CallScopes], useFactory: (scopes: CallScopes) => new CallerContext(scopes) },
  {
    provide: CacheCatalogue,
    inject: [RESOLVED_OPTIONS, OPEN_STORE],
    useFactory: (options: ResolvedOptions, shared: OpenStore | undefined) =>
      new CacheCatalogue(planningOf(options, shared)),
  },
  {
    provide: ReadAnswers,
    inject: [CallScopes, OriginCaller, Clock, CacheEvents],
    useFactory: (scopes: CallScopes, origins: OriginCaller, clock: Clock, events: CacheEvents) =>
      new ReadAnswers(scopes, origins, clock, events),
  },
  {
    provide: OriginCaller,
    inject: [RESOLVED_OPTIONS, CallScopes, Clock, CacheEvents],
    useFactory: ({ origins }: ResolvedOptions, scopes: CallScopes, clock: Clock, events: CacheEvents) =>
      new OriginCaller(scopes, origins, clock, events),
  },
  {
    provide: InvocationFactory,
    inject: [CallScopes, Subjects],
    useFactory: (scopes: CallScopes, subjects: Subjects) => new InvocationFactory(scopes, subjects),
  },
  {
    provide: EntryJudge,
    inject: [EntryStore, VersionStore, Clock, CacheEvents],
    useFactory: (entries: EntryStore, versions: VersionStore, clock: Clock, events: CacheEvents) =>
      new EntryJudge(entries, versions, clock, events, Math.random),
  },
  {
    provide: OriginLoader,
    inject: [
      RESOLVED_OPTIONS,
      EntryStore,
      CallScopes,
      Clock,
      CacheEvents,
      InvocationFactory,
      OriginCaller,
      CacheCatalogue,
    ],
    useFactory: (
      { identity }: ResolvedOptions,
      entries: EntryStore,
      scopes: CallScopes,
      clock: Clock,
      events: CacheEvents,
      invocations: InvocationFactory,
      origins: OriginCaller,
      catalogue: CacheCatalogue,
    ) =>
      new OriginLoader(entries, scopes, clock, events, invocations, origins, catalogue, Math.random, identity.strict),
  },
  {
    provide: SharedLoads,
    inject: [OriginLoader, VersionStore, WriteIntents, EntryJudge, OPEN_STORE, Clock, CacheEvents],
    useFactory: (
      loader: OriginLoader,
      versions: VersionStore,
      intents: WriteIntents,
      judge: EntryJudge,
      shared: OpenStore | undefined,
      clock: Clock,
      events: CacheEvents,
    ) => new SharedLoads(loader, versions, intents, judge, shared?.leases, clock, events),
  },
  {
    provide: BackgroundRefresh,
    inject: [VersionStore, SharedLoads, CallScopes, CacheEvents],
    useFactory: (versions: VersionStore, loads: SharedLoads, scopes: CallScopes, events: CacheEvents) =>
      new BackgroundRefresh(versions, loads, scopes, events),
  },
  {
    provide: ReadThrough,
    inject: [
      EntryStore,
      VersionStore,
      EntryJudge,
      SharedLoads,
      BackgroundRefresh,
      CallScopes,
      ReadAnswers,
      Clock,
      CacheEvents,
    ],
    useFactory: (
      entries: EntryStore,
      versions: VersionStore,
      judge: EntryJudge,
      loads: SharedLoads,
      refreshes: BackgroundRefresh,
      scopes: CallScopes,
      answers: ReadAnswers,
      clock: Clock,
      events: CacheEvents,
    ) => new ReadThrough(entries, versions, judge, loads, refreshes, scopes, answers, clock, events),
  },
  {
    provide: Eviction,
    inject: [VersionStore, WriteIntents, CacheCatalogue, Subjects, CallScopes, Clock, CacheEvents, OPEN_OUTBOX],
    useFactory: (
      versions: VersionStore,
      intents: WriteIntents,
      catalogue: CacheCatalogue,
      subjects: Subjects,
      scopes: CallScopes,
      clock: Clock,
      events: CacheEvents,
      outbox: OpenOutbox | undefined,
    ) => {
      const records = new RecordedEvictions(outbox, events);
      return new Eviction(versions, intents, catalogue, subjects, scopes, clock, events, records);
    },
  },
  { provide: OPEN_OUTBOX, inject: [RESOLVED_OPTIONS, Clock, CacheEvents], useFactory: openOutboxOf },
  {
    provide: Relays,
    inject: [RESOLVED_OPTIONS, OPEN_OUTBOX, Eviction, Clock, CacheEvents],
    useFactory: relaysOf,
  },
  {
    provide: CacheableInterceptor,
    inject: [InvocationFactory, ReadThrough, ReadAnswers],
    useFactory: (invocations: InvocationFactory, reads: ReadThrough, answers: ReadAnswers) =>
      new CacheableInterceptor(invocations, reads, answers),
  },
  {
    provide: WarmUp,
    inject: [CacheableInterceptor, InvocationFactory, EntryStore, BackgroundRefresh, Clock],
    useFactory: (
      cacheable: CacheableInterceptor,
      invocations: InvocationFactory,
      entries: EntryStore,
      refreshes: BackgroundRefresh,
      clock: Clock,
    ) => new WarmUp(cacheable, invocations, entries, refreshes, clock, new Logger('ConsistentCache')),
  },
  {
    provide: METHOD_INVOKER,
    inject: [RESOLVED_OPTIONS, CacheCatalogue, CacheableInterceptor, Eviction, CallScopes, CacheEvents],
    useFactory: (
      { enabled }: ResolvedOptions,
      catalogue: CacheCatalogue,
      cacheable: CacheableInterceptor,
      eviction: Eviction,
      scopes: CallScopes,
      events: CacheEvents,
    ) =>
      enabled ? new CacheInvoker(catalogue, cacheable, new CacheEvictInterceptor(eviction), scopes, events) : undefined,
  },
  {
    provide: ConsistentCache,
    inject: [RESOLVED_OPTIONS, OPEN_STORE, Eviction, CacheableInterceptor, CacheCatalogue, CallScopes, Subjects],
    useFactory: (
      options: ResolvedOptions,
      shared: OpenStore | undefined,
      eviction: Eviction,
      cacheable: CacheableInterceptor,
      catalogue: CacheCatalogue,
      scopes: CallScopes,
      subjects: Subjects,
    ) => {
      const planning = planningOf(options, shared);
      return new ConsistentCache(eviction, cacheable, catalogue, scopes, subjects, planning, options.enabled);
    },
  },
  {
    provide: DeclarationExplorer,
    inject: [DiscoveryService],
    useFactory: (discovery: DiscoveryService) => new DeclarationExplorer(discovery),
  },
  {
    provide: APP_INTERCEPTOR,
    inject: [RESOLVED_OPTIONS, CallScopes, CacheCatalogue, TICKET_ISSUE],
    useFactory: (
      { identity, session, headers, enabled }: ResolvedOptions,
      scopes: CallScopes,
      catalogue: CacheCatalogue,
      issue: TicketIssue,
    ) => {
      const transport = { issue, carrier: carrierOf(session) };
      return new CacheContextInterceptor(scopes, catalogue, identity, headers && enabled, transport);
    },
  },
];

function planningOf(
  { defaults, identity, origins, topology, sharedStore, externalWrites }: ResolvedOptions,
  shared: OpenStore | undefined,
) {
  const unopened = sharedStore === undefined ? IN_PROCESS_CAPABILITIES : UNOPENED_CAPABILITIES;

  return {
    moduleDefaults: defaults,
    identityKnown: identity.fromContext !== undefined || identity.ambient !== undefined,
    origins: new Set(origins.map(({ name }) => name)),
    fedFamilies: externalWrites?.families ?? [],
    capabilities: shared?.capabilities ?? unopened,
    topology,
  };
}

/** With `enabled: false` nothing is read, so nothing is connected to; the audit takes the store at its word. */
const UNOPENED_CAPABILITIES: StoreCapabilities = {
  describedAs: 'a shared store that is not opened',
  has: new Set(['sharedVersions', 'knownEpoch', 'intents', 'tickets']),
  missingBecause: {},
};

function ticketIssueOf(
  subjectSecret: string | undefined,
  namespace: string,
  versions: VersionStore,
  clock: Clock,
  events: CacheEvents,
): TicketIssue {
  const secret = subjectSecret ?? randomBytes(32).toString('base64url');

  return {
    // Another use of one secret needs another key.
    secret: createHmac('sha256', secret).update('session tickets').digest('base64url'),
    epoch: () => `${versions.epoch}/${namespace}`,
    clock,
    report: (because) => {
      events.publish({ type: 'ticket-rejected', because });
    },
  };
}

function carrierOf({ carrier, name, secure }: ResolvedOptions['session']): TicketCarrier {
  return carrier === 'cookie' ? new CookieTicketCarrier(name, secure) : new HeaderTicketCarrier(name);
}

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
  { outbox, enabled, namespace }: ResolvedOptions,
  clock: Clock,
  events: CacheEvents,
): OpenOutbox | undefined {
  if (!enabled) return undefined;

  return outbox?.open({
    namespace,
    clock,
    report: (event) => {
      events.publish(event);
    },
  });
}

function relaysOf(
  { externalWrites, enabled, namespace, sharedStore }: ResolvedOptions,
  outbox: OpenOutbox | undefined,
  eviction: Eviction,
  clock: Clock,
  events: CacheEvents,
): Relays {
  const feed = externalWrites?.open({
    // Versions in memory are known to this process alone, so it has to hear of each change itself.
    reader: sharedStore === undefined ? undefined : namespace,
    clock,
    report: (event) => {
      events.publish(event);
    },
  });

  return new Relays(outbox, enabled ? feed : undefined, eviction);
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
