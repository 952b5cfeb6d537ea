import type { VersionSnapshot } from '../entry/version-snapshot.js';

/**
 * What was evicted by any process, pushed to this one, and up to which instant we know it.
 *
 * Invariants: while `isProven()`, every eviction acknowledged longer ago than `proofMs` has outdated the watched snapshots
 * that it concerns. When the connection comes back after a loss, everything watched before is outdated, because pushes
 * may have been missed.
 */
export abstract class InvalidationFeed {
  /** Whether silence means that nothing was evicted, up to `proofMs` ago. */
  abstract isProven(): boolean;

  /** How old the proof may be: the longest that an acknowledged eviction can go unnoticed while `isProven()`. In ms. */
  abstract readonly proofMs: number;

  /**
   * The same snapshot with an answer that needs no store.
   *
   * @returns undefined when one of its versions is not known to be current
   */
  abstract watch(snapshot: VersionSnapshot): WatchedSnapshot | undefined;
}

/** A snapshot that learns by itself when it is outdated. */
export abstract class WatchedSnapshot implements VersionSnapshot {
  abstract readonly tags: readonly string[];
  abstract readonly versions: readonly string[];
  /** No eviction of one of its tags has been heard of. */
  abstract readonly isCurrent: boolean;
}
