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
import { CallerContext } from './context/caller-context.js';
import { Subjects } from './context/subjects.js';
import { IN_PROCESS_CAPABILITIES, InProcessVersionStore } from './coordination/in-process/in-process-version-store.js';
import { VersionStore } from './coordination/version-store.js';
import { METHOD_INVOKER } from './decorators/method-trampoline.js';
import { Eviction } from './engine/eviction.js';
import { OriginLoader } from './engine/origin-loader.js';
import { ReadAnswers } from './engine/read-answers.js';
import { ReadThrough } from './engine/read-through.js';
import { SharedLoads } from './engine/shared-loads.js';
import { CacheContextInterceptor } from './interceptors/cache-context.interceptor.js';
import { CacheEvictInterceptor } from './interceptors/cache-evict.interceptor.js';
import { CacheInvoker } from './interceptors/cache-invoker.js';
import { CacheableInterceptor } from './interceptors/cacheable.interceptor.js';
import { InvocationFactory } from './interceptors/invocation-factory.js';
import { CacheMetrics } from './observability/cache-metrics.js';
import { CacheEvents } from './observability/event-channel.js';
import { logRefusals } from './observability/refusal-log.js';
import { EntryStore } from './storage/entry-store.js';
import { cacheInMemory, cacheInStores, entriesIn } from './storage/stores.js';
import { Clock, SystemClock } from './time/clock.js';

/** The validated options. @internal */
export const RESOLVED_OPTIONS = Symbol('nestjs-consistent-cache:options');

/** Everything is wired here, once; the parts below know neither Nest nor each other's construction. */
export const PROVIDERS: Provider[] = [
  {
    provide: RESOLVED_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (options: ConsistentCacheOptions | undefined) => resolveOptions(options ?? {}),
  },
  { provide: Clock, useFactory: () => new SystemClock() },
  { provide: CacheEvents, useFactory: () => new CacheEvents() },
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
    inject: [RESOLVED_OPTIONS, Clock, { token: CACHE_MANAGER, optional: true }],
    useFactory: entryStoreOf,
  },
  {
    provide: VersionStore,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ maxTags }: ResolvedOptions) => new InProcessVersionStore(maxTags),
  },
  {
    provide: CallScopes,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ identity }: ResolvedOptions) => new CallScopes(identity.ambient),
  },
  {
    provide: Subjects,
    inject: [RESOLVED_OPTIONS],
    useFactory: ({ subjectSecret }: ResolvedOptions) => new Subjects(subjectSecret),
  },
  { provide: CallerContext, inject: [CallScopes], useFactory: (scopes: CallScopes) => new CallerContext(scopes) },
  {
    provide: CacheCatalogue,
    inject: [RESOLVED_OPTIONS],
    useFactory: (options: ResolvedOptions) => new CacheCatalogue(planningOf(options)),
  },
  {
    provide: ReadAnswers,
    inject: [CallScopes, CacheEvents],
    useFactory: (scopes: CallScopes, events: CacheEvents) => new ReadAnswers(scopes, events),
  },
  {
    provide: InvocationFactory,
    inject: [CallScopes, Subjects],
    useFactory: (scopes: CallScopes, subjects: Subjects) => new InvocationFactory(scopes, subjects),
  },
  {
    provide: ReadThrough,
    inject: [EntryStore, VersionStore, CallScopes, InvocationFactory, ReadAnswers, Clock, CacheEvents],
    useFactory: (
      entries: EntryStore,
      versions: VersionStore,
      scopes: CallScopes,
      invocations: InvocationFactory,
      answers: ReadAnswers,
      clock: Clock,
      events: CacheEvents,
    ) =>
      new ReadThrough(
        entries,
        versions,
        new SharedLoads(new OriginLoader(entries, scopes, clock, events, invocations), versions, clock, events),
        scopes,
        answers,
        clock,
        events,
      ),
  },
  {
    provide: Eviction,
    inject: [VersionStore, Subjects, CacheEvents],
    useFactory: (versions: VersionStore, subjects: Subjects, events: CacheEvents) =>
      new Eviction(versions, subjects, events),
  },
  {
    provide: CacheableInterceptor,
    inject: [InvocationFactory, ReadThrough, ReadAnswers],
    useFactory: (invocations: InvocationFactory, reads: ReadThrough, answers: ReadAnswers) =>
      new CacheableInterceptor(invocations, reads, answers),
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
    inject: [RESOLVED_OPTIONS, Eviction, CacheableInterceptor, CacheCatalogue, CallScopes, Subjects],
    useFactory: (
      options: ResolvedOptions,
      eviction: Eviction,
      cacheable: CacheableInterceptor,
      catalogue: CacheCatalogue,
      scopes: CallScopes,
      subjects: Subjects,
    ) => new ConsistentCache(eviction, cacheable, catalogue, scopes, subjects, planningOf(options), options.enabled),
  },
  {
    provide: DeclarationExplorer,
    inject: [DiscoveryService],
    useFactory: (discovery: DiscoveryService) => new DeclarationExplorer(discovery),
  },
  {
    provide: APP_INTERCEPTOR,
    inject: [RESOLVED_OPTIONS, CallScopes, CacheCatalogue],
    useFactory: ({ identity, headers, enabled }: ResolvedOptions, scopes: CallScopes, catalogue: CacheCatalogue) =>
      new CacheContextInterceptor(scopes, catalogue, identity, headers && enabled),
  },
];

function planningOf({ defaults, identity, topology }: ResolvedOptions) {
  return {
    moduleDefaults: defaults,
    identityKnown: identity.fromContext !== undefined || identity.ambient !== undefined,
    capabilities: IN_PROCESS_CAPABILITIES,
    topology,
  };
}

function entryStoreOf(options: ResolvedOptions, clock: Clock, existing: Cache | undefined): EntryStore {
  return entriesIn(cacheOf(options, existing), options.namespace, clock, options.storeDeadlineMs);
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
