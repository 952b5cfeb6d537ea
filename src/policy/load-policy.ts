import type { OriginOptions } from '../resilience/origin-options.js';
import type { Duration } from '../time/duration.js';

/** How the origin is called when a value has to be loaded, and what protects it. */
export interface LoadPolicy extends OriginOptions {
  /**
   * The name of an origin in the module's `origins`, whose limits all its policies share. Limits that stand here as well
   * hold for this policy alone, inside those.
   */
  readonly origin?: string;
  /**
   * How long one load may take. Then its callers get {@link LoadTimedOutError}, its place is free, and the method's signal is
   * aborted; what it answers later is dropped.
   *
   * Unit: milliseconds, or text such as `'2s'`.
   * @default none: a load that hangs keeps its callers, and others that come for the same key, waiting
   */
  readonly deadline?: Duration;
  /**
   * How long callers wait for a load while an entry past its `ttl`, but within the bound, could answer them: then it does, and
   * the load goes on without them. Needs a `ttl` shorter than the tolerance's `max`, and must be shorter than `deadline`.
   *
   * Unit: milliseconds, or text such as `'200ms'`.
   * @default none
   */
  readonly softLimit?: Duration;
  /**
   * A load that takes longer is reported as `load-slow` and in the log: a cache must not hide a slow query.
   *
   * Unit: milliseconds, or text such as `'500ms'`.
   * @default none
   */
  readonly slowAfter?: Duration;
  /**
   * `'cluster'`: among the processes that share a store one loads a key and the others take what it has stored. `'process'`:
   * each process loads for itself, which saves a round trip where a load is cheap.
   *
   * @default 'cluster'
   */
  readonly oncePer?: 'cluster' | 'process';
  /**
   * Which errors say that the origin is in trouble: they open the breaker, and let an entry within `onError` answer.
   *
   * @default everything but what blames the caller (a 4xx status)
   */
  readonly isFailure?: (error: unknown) => boolean;
}

/** When an entry is loaded anew although it could still answer. All of it happens inside the level's bound. */
export interface RefreshPolicy {
  /**
   * Early refresh: the closer an entry comes to the end of its `ttl`, and the longer its load took, the likelier a hit loads it
   * anew in the background, so that a popular key never expires for everybody at once (XFetch: Vattani, Chierichetti and
   * Lowenstein, VLDB 2015). A number is its β: above 1 refreshes earlier, below 1 later; `true` is 1.
   *
   * @default false
   */
  readonly early?: boolean | number;
  /** Each entry's `ttl` is shortened at random by up to this share of it, so that what was loaded together does not expire together. @default 0 */
  readonly jitter?: number;
  /**
   * Stale-while-revalidate: past its `ttl` and within the tolerance's `max` an entry still answers, and is loaded anew in the
   * background. Needs a `ttl` shorter than `max`.
   *
   * @default false
   */
  readonly whileStale?: boolean;
}

/** Results that say that there is nothing. */
export interface NegativePolicy<Result = unknown> {
  /** How long such a result counts as fresh, in place of the policy's `ttl`. Unit: milliseconds, or text such as `'10s'`. */
  readonly ttl: Duration;
  /** Which results mean that there is nothing. @default `undefined` and `null` */
  readonly when?: (result: Result) => boolean;
  /**
   * Which errors mean that there is nothing, such as `(error) => error instanceof NotFoundException`. They are repeated to
   * callers for as long, in this process, unless an eviction comes in between.
   *
   * @default none: an error is never kept
   */
  readonly errors?: (error: unknown) => boolean;
}

/** What is loaded before anybody asks for it. */
export interface WarmUpPolicy<Args extends readonly unknown[] = readonly never[]> {
  /** The arguments of each call to make, as a list. `this` is the instance whose method it is. */
  readonly calls: () => Iterable<readonly Args[number][]> | Promise<Iterable<readonly Args[number][]>>;
  /** How many at a time. @default 4 */
  readonly concurrency?: number;
  /**
   * How long the start of the application waits for it; the rest goes on in the background.
   *
   * Unit: milliseconds, or text such as `'5s'`.
   * @default 0
   */
  readonly readyWithin?: Duration;
  /** Whether these entries are loaded anew before they expire, for as long as the application runs. For a few hot keys. @default false */
  readonly keepWarm?: boolean;
}
