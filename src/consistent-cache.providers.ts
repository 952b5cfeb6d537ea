import { createHmac, randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR, DiscoveryService } from '@nestjs/core';
import { CacheCatalogue } from './catalogue/cache-catalogue.js';
import { DeclarationExplorer } from './catalogue/declaration-explorer.js';
import { MODULE_OPTIONS_TOKEN } from './consistent-cache.module-definition.js';
import { resolveOptions } from './consistent-cache.options.js';
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
import type { OpenStore } from './coordination/shared-store.js';
import { IN_PROCESS_CAPABILITIES } from './coordination/in-process/in-process-version-store.js';
import { VersionStore } from './coordination/version-store.js';
import { METHOD_INVOKER } from './decorators/method-trampoline.js';
import { Eviction } from './engine/eviction.js';
import { CacheContextInterceptor } from './interceptors/cache-context.interceptor.js';
import { CacheEvictInterceptor } from './interceptors/cache-evict.interceptor.js';
import { CacheInvoker } from './interceptors/cache-invoker.js';
import { CacheableInterceptor } from './interceptors/cacheable.interceptor.js';
import { CacheMetrics } from './observability/cache-metrics.js';
import { CacheEvents } from './observability/event-channel.js';
import { logRefusals } from './observability/refusal-log.js';
import { Clock } from './time/clock.js';
import { ENGINE_PROVIDERS } from './consistent-cache.engine-providers.js';
import { STORE_PROVIDERS } from './consistent-cache.store-providers.js';
import { OPEN_STORE, RESOLVED_OPTIONS, TICKET_ISSUE } from './consistent-cache.tokens.js';

/** Everything is wired here, once: the surroundings of a call, the catalogue, and what Nest calls. */
export const PROVIDERS: Provider[] = [
  {
    provide: RESOLVED_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (options: ConsistentCacheOptions | undefined) => resolveOptions(options ?? {}),
  },
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
  ...STORE_PROVIDERS,
  ...ENGINE_PROVIDERS,
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
