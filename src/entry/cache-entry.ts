import type { SealedValue } from './sealed-value.js';
import type { VersionSnapshot } from './version-snapshot.js';

/**
 * A value with everything we know about it.
 *
 * Invariant: `asOfMs <= loadStartMs <= loadEndMs`, and all moments are of the one clock that the application trusts.
 */
export interface CacheEntry {
  /** The full canonical key. Compared on every read: a store has returned another key's entry before. */
  readonly key: string;
  /** Whose data this is (a keyed digest of the user or tenant); undefined when everyone may share it. */
  readonly subject: string | undefined;
  /** Identifies this very entry: another load of the same key has another nonce. */
  readonly nonce: string;
  /** When the load began. The value was read no earlier. */
  readonly loadStartMs: number;
  /** When the load ended. The value was read no later. */
  readonly loadEndMs: number;
  /** The moment for which the value vouches: the load's start, or the oldest as-of among what the load itself read. */
  readonly asOfMs: number;
  /** Stale from this moment on (inclusive). `Infinity` for never. */
  readonly freshUntilMs: number;
  /** Never served after this moment; at this very moment it still is. Absolute, so no tier can restart it. `Infinity` for never. */
  readonly deadlineMs: number;
  /** The versions of its tags that were current before the load began. */
  readonly snapshot: VersionSnapshot;
  /** The value itself, deeply frozen. */
  readonly sealed: SealedValue;
}
