import type { ConsistencyLevel } from './consistency-level.js';

/**
 * What the callers above a read ask of it, beyond its own policy. It flows down the calls and only ever tightens.
 */
export interface Demand {
  /** The value must have been current at some instant not longer ago than this. */
  readonly maxStalenessMs: number;
  /** A strong caller is building on this read: a level that may miss an acknowledged write is not enough. */
  readonly strong: boolean;
}

export const NO_DEMAND: Demand = { maxStalenessMs: Infinity, strong: false };

/** The tightest of two demands. */
export function tighten(a: Demand, b: Demand): Demand {
  return {
    maxStalenessMs: Math.min(a.maxStalenessMs, b.maxStalenessMs),
    strong: a.strong || b.strong,
  };
}

/** What a load under this policy asks of the cached reads that it makes itself. */
export function demandOf(level: ConsistencyLevel, maxStalenessMs: number): Demand {
  // What an immutable entry is made of is kept for good, so it must be current.
  if (level === 'immutable') return { maxStalenessMs: 0, strong: true };

  return { maxStalenessMs, strong: level === 'strong' || level === 'linearizable' };
}
