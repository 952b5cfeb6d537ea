import type { ConsistencyLevel } from './consistency-level.js';

/** What a caller builds on a read, beyond its age. */
export type Guarantee =
  | 'any'
  /** A level that may miss an acknowledged write is not enough. */
  | 'strong'
  /** Nor is one that may miss a committed write. */
  | 'linearizable';

/**
 * What the callers above a read ask of it, beyond its own policy. It flows down the calls and only ever tightens.
 */
export interface Demand {
  /** The value must have been current at some instant not longer ago than this. */
  readonly maxStalenessMs: number;
  readonly guarantee: Guarantee;
}

export const NO_DEMAND: Demand = { maxStalenessMs: Infinity, guarantee: 'any' };

const RANK: Readonly<Record<Guarantee, number>> = { any: 0, strong: 1, linearizable: 2 };

/** The tightest of two demands. */
export function tighten(a: Demand, b: Demand): Demand {
  return {
    maxStalenessMs: Math.min(a.maxStalenessMs, b.maxStalenessMs),
    guarantee: RANK[a.guarantee] >= RANK[b.guarantee] ? a.guarantee : b.guarantee,
  };
}

/** What a load under this policy asks of the cached reads that it makes itself. */
export function demandOf(level: ConsistencyLevel, maxStalenessMs: number): Demand {
  // What an immutable entry is made of is kept for good, so it must be current.
  if (level === 'immutable') return { maxStalenessMs: 0, guarantee: 'strong' };

  // A caller must not go back in what a value is made of either, and only what is current at the call cannot be behind.
  if (level === 'session') return { maxStalenessMs, guarantee: 'linearizable' };

  return { maxStalenessMs, guarantee: level === 'strong' || level === 'linearizable' ? level : 'any' };
}

/** Whether an entry of this level can be given to such a caller at all. */
export function gives(level: ConsistencyLevel, guarantee: Guarantee): boolean {
  switch (guarantee) {
    case 'any':
      return true;
    case 'strong':
      return level === 'strong' || level === 'linearizable' || level === 'immutable';
    case 'linearizable':
      return level === 'linearizable' || level === 'immutable';
  }
}
