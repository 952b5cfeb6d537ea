import type { ResolvedOrigin } from '../resilience/origin-options.js';

/** A {@link LoadPolicy} with nothing left to default. */
export interface ResolvedLoad {
  readonly origin: string | undefined;
  /** The policy's own limits; undefined when it has none. */
  readonly limits: ResolvedOrigin | undefined;
  /** Infinity when there is none, as for the two below. */
  readonly deadlineMs: number;
  readonly softLimitMs: number;
  readonly slowAfterMs: number;
  readonly oncePer: 'cluster' | 'process';
  readonly isFailure: (error: unknown) => boolean;
}

/** A {@link RefreshPolicy} with nothing left to default. */
export interface ResolvedRefresh {
  /** 0 for no early refresh. */
  readonly beta: number;
  readonly jitter: number;
  readonly whileStale: boolean;
}

/** A {@link NegativePolicy} with nothing left to default. */
export interface ResolvedNegative {
  readonly ttlMs: number;
  readonly isNothing: (result: unknown) => boolean;
  readonly saysNothing: (error: unknown) => boolean;
}

/** A {@link WarmUpPolicy} with nothing left to default. */
export interface ResolvedWarmUp {
  readonly calls: (this: unknown) => Iterable<readonly unknown[]> | Promise<Iterable<readonly unknown[]>>;
  readonly concurrency: number;
  readonly readyWithinMs: number;
  readonly keepWarm: boolean;
}
