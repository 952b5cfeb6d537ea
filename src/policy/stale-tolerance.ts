import type { Duration } from '../time/duration.js';

/**
 * How stale a value may be, and why that is acceptable.
 *
 * On a cached method it is the policy's bound. On any other method or handler it tightens every cached read below it.
 */
export interface StaleTolerancePolicy {
  /**
   * The longest time since the value stopped being current; nothing stretches it, whatever fails.
   *
   * On a method that is not cached, `0` makes every cached read below it go to its origin (immutable values excepted).
   *
   * Unit: milliseconds, or text such as `'5s'`.
   */
  readonly max?: Duration;
  /**
   * A second bound, for the moment when the origin fails: a value up to this old is served then, marked as stale. An
   * evicted value is never served this way. Only on cached methods; must be longer than what the level allows anyway.
   *
   * Unit: milliseconds, or text such as `'2m'`.
   */
  readonly onError?: Duration;
  /** Who agreed to it and why; shown in the catalogue. */
  readonly because: string;
}

/** What `@NoCache` declares. */
export interface NoCachePolicy {
  /** Why the result may be stored nowhere; shown in the catalogue. */
  readonly because: string;
}
