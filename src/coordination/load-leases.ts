/**
 * One load per id among processes.
 *
 * A lease is permission to be the one that loads, nothing more: it protects the origin from a crowd and no value from being
 * wrong, so a store that fails grants every lease. Its holder renews it while the load runs: a long load stays the only one,
 * and one that died or stands still is waited for no longer than the lease.
 */
export abstract class LoadLeases {
  /** Asks to be the one that loads. Never rejects. */
  abstract acquire(id: string): LeaseAnswer | Promise<LeaseAnswer>;
}

/**
 * - a lease: load, and release it
 * - `held`: somebody else is loading
 * - `fruitless`: the last holder finished a moment ago and stored nothing. Whoever waited for the next one would wait in vain
 *   as well, so load at once
 */
export type LeaseAnswer = LoadLease | 'held' | 'fruitless';

export interface LoadLease {
  /**
   * Ends the lease and its renewal. Never rejects; one that is not released ends by itself when its process does.
   *
   * @param stored whether what was loaded can be found by the others now; if not, they are told for a short while
   */
  release(stored: boolean): void;
}

/** How long things last, in ms; the same in every process. */
export interface LeaseTimes {
  /** A lease that nobody renews: as long as others wait for a process that died while loading. */
  readonly leaseMs: number;
  /** The mark that a load was fruitless: long enough for all who wait to come by, short for those who come later. */
  readonly fruitlessMs: number;
}

/** Short enough that nobody waits for a second because a reply was lost, or a process with it. */
export const LEASE_TIMES: LeaseTimes = { leaseMs: 750, fruitlessMs: 200 };
