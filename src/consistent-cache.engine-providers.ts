import { Logger } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { CacheCatalogue } from './catalogue/cache-catalogue.js';
import type { ResolvedOptions } from './consistent-cache.options.js';
import { CallScopes } from './context/call-scope.js';
import { Subjects } from './context/subjects.js';
import type { OpenOutbox } from './coordination/eviction-outbox.js';
import type { OpenStore } from './coordination/shared-store.js';
import { WriteIntents } from './coordination/write-intents.js';
import { VersionStore } from './coordination/version-store.js';
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
import { CacheableInterceptor } from './interceptors/cacheable.interceptor.js';
import { InvocationFactory } from './interceptors/invocation-factory.js';
import { WarmUp } from './interceptors/warm-up.js';
import { CacheEvents } from './observability/event-channel.js';
import { EntryStore } from './storage/entry-store.js';
import { Clock } from './time/clock.js';
import { OPEN_OUTBOX, OPEN_STORE, RESOLVED_OPTIONS } from './consistent-cache.tokens.js';

/** What reads, loads and evicts; the parts know neither Nest nor how the others are made. */
export const ENGINE_PROVIDERS: Provider[] = [
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
  {
    provide: Relays,
    inject: [RESOLVED_OPTIONS, OPEN_STORE, OPEN_OUTBOX, Eviction, Clock, CacheEvents],
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
];

function relaysOf(
  { externalWrites, enabled, namespace }: ResolvedOptions,
  shared: OpenStore | undefined,
  outbox: OpenOutbox | undefined,
  eviction: Eviction,
  clock: Clock,
  events: CacheEvents,
): Relays {
  const feed = externalWrites?.open({
    // Versions in memory are known to this process alone, so it has to hear of each change itself.
    reader: shared === undefined ? undefined : `${namespace}/${shared.id}`,
    clock,
    report: (event) => {
      events.publish(event);
    },
  });

  return new Relays(outbox, enabled ? feed : undefined, eviction);
}
