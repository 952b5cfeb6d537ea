/** Why a read may not be answered from the cache. */
export type LoadReason =
  | 'absent'
  | 'superseded'
  | 'ttl-passed'
  | 'bound-exceeded'
  | 'from-the-future'
  | 'demand-exceeded'
  | 'demand-of-stronger-level'
  | 'before-own-write'
  | 'behind-last-seen'
  | 'no-session'
  | 'wrong-entry'
  | 'store-unavailable';

/** Why an entry that answers is loaded anew all the same. */
export type RefreshReason = 'expires-early' | 'stale-within-bound';

/** What to do with a found entry. */
export type ReadDecision =
  | { readonly action: 'serve' }
  | { readonly action: 'serve-and-refresh'; readonly because: RefreshReason }
  | { readonly action: 'load'; readonly because: LoadReason };

/** Decisions are shared constants: a hit decides without allocating. */
export const SERVE: ReadDecision = { action: 'serve' };
export const SERVE_AND_REFRESH = {
  expiresEarly: { action: 'serve-and-refresh', because: 'expires-early' },
  staleWithinBound: { action: 'serve-and-refresh', because: 'stale-within-bound' },
} as const satisfies Record<string, ReadDecision>;
export const LOAD = {
  superseded: { action: 'load', because: 'superseded' },
  ttlPassed: { action: 'load', because: 'ttl-passed' },
  boundExceeded: { action: 'load', because: 'bound-exceeded' },
  fromTheFuture: { action: 'load', because: 'from-the-future' },
  demandExceeded: { action: 'load', because: 'demand-exceeded' },
  demandOfStrongerLevel: { action: 'load', because: 'demand-of-stronger-level' },
  beforeOwnWrite: { action: 'load', because: 'before-own-write' },
  behindLastSeen: { action: 'load', because: 'behind-last-seen' },
  noSession: { action: 'load', because: 'no-session' },
} as const satisfies Record<string, ReadDecision>;
