// The public door. Everything a user may rely on is named here; nothing else is.

// The module
export { ConsistentCacheModule, DuplicateModuleError } from './consistent-cache.module.js';
export type { ConsistentCacheOptionsFactory } from './consistent-cache.module-definition.js';
export { InvalidOptionsError } from './consistent-cache.options.js';
export type { ConsistentCacheOptions } from './consistent-cache.options.js';
export type { IdentityOptions } from './interceptors/cache-context.interceptor.js';
export type { ModuleDefaults } from './policy/resolve-policy.js';
export type { BreakerOptions, OriginOptions } from './resilience/origin-options.js';
export type { Capability, StoreCapabilities, Topology } from './coordination/capabilities.js';
// What a shared store of another technology implements
export { InvalidationFeed, WatchedSnapshot } from './coordination/invalidation-feed.js';
export { LoadLeases } from './coordination/load-leases.js';
export type { LeaseAnswer, LoadLease } from './coordination/load-leases.js';
export { TextReads } from './coordination/text-reads.js';
export { VersionStore } from './coordination/version-store.js';
export type { Observation, TagList } from './coordination/version-store.js';
export { WriteIntents } from './coordination/write-intents.js';
export type { Announcement } from './coordination/write-intents.js';
export type { Version, VersionSnapshot } from './entry/version-snapshot.js';
export { SharedStore } from './coordination/shared-store.js';
export type { OpenStore, SharedStoreContext, SharedStoreEvent } from './coordination/shared-store.js';
// What an outbox, or a feed of external writes, of another database implements
export { EvictionOutbox } from './coordination/eviction-outbox.js';
export type { Evict, OpenOutbox, OutboxContext } from './coordination/eviction-outbox.js';
export { ExternalWrites } from './coordination/external-writes.js';
export type { ExternalWritesContext, OpenExternalWrites } from './coordination/external-writes.js';
export type { FeedGap, RelayEvent, RelaySource } from './coordination/relay-event.js';
export { keyvStore } from './coordination/keyv/keyv-store.js';
export type { KeyvStoreOptions } from './coordination/keyv/keyv-store.js';

// Decorators, and what they declare
export { Cacheable } from './decorators/cacheable.decorator.js';
export type { CacheableDecorator } from './decorators/cacheable.decorator.js';
export { CacheDefaults } from './decorators/cache-defaults.decorator.js';
export { CacheEvict } from './decorators/cache-evict.decorator.js';
export type { CacheEvictDecorator } from './decorators/cache-evict.decorator.js';
export { NoCache } from './decorators/no-cache.decorator.js';
export { StaleTolerance } from './decorators/stale-tolerance.decorator.js';
export type { AsyncMethod, Fits, ResultOf } from './decorators/method-types.js';
export type {
  AnyCacheablePolicy,
  CacheableDefaults,
  CacheablePolicy,
  CacheScope,
  CallerKey,
  OnMissingUser,
} from './policy/cacheable-policy.js';
export type { ConsistencyLevel } from './policy/consistency-level.js';
export type { EvictPolicy } from './policy/evict-policy.js';
export type { LoadPolicy, NegativePolicy, RefreshPolicy, WarmUpPolicy } from './policy/load-policy.js';
export type { NoCachePolicy, StaleTolerancePolicy } from './policy/stale-tolerance.js';
export type { TagValue, TagValues } from './entry/tag.js';
export type { InstanceCodec, ValueCodec } from './entry/value-codec.js';
export type { Duration, DurationUnit } from './time/duration.js';

// At run time: evict, declare, read who is calling, watch
export { ConsistentCache, NothingToEvictError } from './consistent-cache.js';
export type { DeclaredCache, DeclaredCachePolicy } from './consistent-cache.js';
export { CallerContext } from './context/caller-context.js';
export type { WatchedIdentity } from './context/watched-identity.js';
export { LoadContext } from './context/load-context.js';
export { transactional } from './context/transactional.js';
export { Transactions } from './context/transactions.js';
export type { Inside } from './context/transactions.js';
export { SessionContext } from './context/session-context.js';
export type { SessionRun } from './context/session-context.js';
export type { TicketFault } from './context/ticket-codec.js';
export type { Caller } from './context/caller.js';
export { CacheCatalogue } from './catalogue/cache-catalogue.js';
export type { CataloguedCache, NeverStored } from './catalogue/cache-catalogue.js';
export { CacheMetrics } from './observability/cache-metrics.js';
export type { CacheFigures, EvictionFigures, StoreFigures } from './observability/cache-metrics.js';
export { CacheEvents, DIAGNOSTICS_CHANNEL } from './observability/event-channel.js';
export type { CacheEventListener } from './observability/event-channel.js';
export type * from './observability/cache-event.js';
export type { LoadReason, RefreshReason } from './consistency/decision.js';
export type { Taint } from './context/load-trace.js';
export { Clock, SystemClock } from './time/clock.js';

// Errors
export { AuditFailedError } from './audit/audit-report.js';
export type { AuditFault, AuditFinding } from './audit/audit-rule.js';
export { MisplacedDeclarationError } from './decorators/method-trampoline.js';
export { TaintedResultError } from './engine/origin-loader.js';
export { EvictionFailedError, WriteRefusedError } from './engine/eviction.js';
export { UndeclaredObservableError } from './engine/origin-result.js';
export { InvalidTagError, UnkeyableArgumentError, UnstorableValueError } from './entry/entry.errors.js';
export { ConsistentCacheError } from './errors/consistent-cache-error.js';
export type { Fault } from './errors/consistent-cache-error.js';
export { ERROR_CODES } from './errors/error-codes.js';
export type { ErrorCode } from './errors/error-codes.js';
export { UnseenTransactionsError } from './context/transactional.js';
export { MissingCallerError } from './context/caller.js';
export { InvalidPolicyError } from './policy/policy.errors.js';
export type { PolicyFault, PolicyProblem } from './policy/policy.errors.js';
export { OutboxFailedError, StoreRefusedError } from './coordination/coordination.errors.js';
export { StoreUnavailableError } from './resilience/deadline.js';
export { LoadTimedOutError } from './resilience/bounded-load.js';
export { OriginOverloadedError } from './resilience/load-limit.js';
export type { OverloadReason } from './resilience/load-limit.js';
export { OriginSuspendedError } from './resilience/origin-guard.js';
export { InvalidDurationError } from './time/duration.js';
