import type { Version, VersionSnapshot } from '../entry/version-snapshot.js';

/** The tags of one entry. `common` is one and the same array for every entry of a cache, so that work on it can be shared. */
export interface TagList {
  readonly common: readonly string[];
  readonly own: readonly string[];
}

/** The versions that some tags had, each at some instant after they were asked for. */
export interface Observation {
  readonly tags: readonly string[];
  /** `versions[i]` is the version of `tags[i]`; undefined when it has none in the present epoch. */
  readonly versions: readonly (Version | undefined)[];
}

/**
 * Keeps one version for each tag.
 *
 * Invariants that every adapter keeps:
 * - a version once replaced never comes back in its epoch;
 * - a tag without a version is never "not evicted": an entry that names it is a miss;
 * - `bump` settles only when the replacement is confirmed, and rejects when it cannot be.
 *
 * An adapter that needs no waiting answers without a promise, so that a hit in memory stays one synchronous step.
 */
export abstract class VersionStore {
  /** Changes when the store may have lost or regained versions; a version of another epoch counts as missing. */
  abstract readonly epoch: string;

  /**
   * Asks for the versions of a call's tags while its entry is being looked up, so that both travel together.
   *
   * Not there, or undefined, where asking beforehand saves nothing.
   */
  observe?(tags: TagList): Promise<Observation> | undefined;

  /** Whether every version of the snapshot is the tag's version at some instant during this call, or when it was observed. */
  abstract isCurrent(snapshot: VersionSnapshot, observed?: Observation): boolean | Promise<boolean>;

  /** The current version of each tag, or the observed one; a missing one is minted first. */
  abstract readOrMint(tags: TagList, observed?: Observation): VersionSnapshot | Promise<VersionSnapshot>;

  /** Replaces the version of each tag by one that was never used before. */
  abstract bump(tags: readonly string[]): Promise<void>;
}
