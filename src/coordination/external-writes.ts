import type { Clock } from '../time/clock.js';
import type { Evict } from './eviction-outbox.js';
import type { RelayEvent } from './relay-event.js';

/** What the module tells a feed of external writes when it opens it. */
export interface ExternalWritesContext {
  /**
   * The name under which all instances share one position in the feed, where one eviction reaches them all: of the namespace and
   * its store. Undefined where each process has to hear of each change.
   */
  readonly reader: string | undefined;
  readonly clock: Clock;
  readonly report: (event: RelayEvent) => void;
}

/**
 * What is written past the application, told by its source of truth.
 *
 * Whoever writes there is acknowledged before anybody here could know, so no promise rests on it: caches of these families are
 * `bounded`, `eventual` or `immutable`, and see a change as soon as it is delivered.
 */
export abstract class ExternalWrites {
  /** The families whose values it tells of. */
  abstract readonly families: readonly string[];

  /** Connects to nothing yet. */
  abstract open(context: ExternalWritesContext): OpenExternalWrites;
}

/**
 * An opened feed.
 *
 * Invariant: every committed change is evicted at least once, after its commit, whatever connection, instance or eviction failed
 * in between; where that cannot be known, its whole family is.
 */
export interface OpenExternalWrites {
  /**
   * Evicts what was changed since it was last listened to, and from now on whatever is changed.
   *
   * @throws {StoreRefusedError} when the feed cannot be used
   */
  listen(evict: Evict): Promise<void>;
  close(): Promise<void>;
}
