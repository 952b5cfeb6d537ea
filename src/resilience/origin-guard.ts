import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { Clock } from '../time/clock.js';
import { boundedLoad } from './bounded-load.js';
import type { LoadBounds, LoadEnd, LoadWork } from './bounded-load.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { Admission } from './circuit-breaker.js';
import { LoadLimit, OriginOverloadedError } from './load-limit.js';
import type { Release } from './load-limit.js';
import { LoadSignal, reasonOf } from './load-signal.js';
import type { ResolvedOrigin } from './origin-options.js';

export interface OriginGuardOptions extends ResolvedOrigin {
  readonly clock: Clock;
  /** Whether an error speaks of the origin's health; one that does not is an answer. Must not throw. */
  readonly isFailure: (error: unknown) => boolean;
  /** Must not throw. */
  readonly onSuspended?: ((cause: unknown) => void) | undefined;
  /** Must not throw. */
  readonly onResumed?: ((suspendedMs: number) => void) | undefined;
}

/** An origin failed several times in a row, so it is left alone for a while. The `cause` is the last failure, of another call. */
export class OriginSuspendedError extends ConsistentCacheError {
  /** Until the origin is tried again; while it is being tried, the shortest pause. */
  readonly retryAfterMs: number;

  constructor(origin: string, place: string, { cause, leftMs, pauseMs }: SuspendedOrigin) {
    super({
      code: 'ORIGIN_SUSPENDED',
      what: `The origin '${origin}' keeps failing and is left alone; ${leftMs > 0 ? `next try in ${leftMs} ms` : 'it is being tried'}`,
      where: place,
      fix: 'Check that the origin is reachable and healthy; one load tries it after each pause',
      cause,
    });
    this.retryAfterMs = leftMs > 0 ? leftMs : pauseMs;
  }
}

interface SuspendedOrigin {
  readonly cause: unknown;
  /** 0 while a load tries it. */
  readonly leftMs: number;
  readonly pauseMs: number;
}

/**
 * Stands between loads and their origin, so that an origin in trouble is left alone instead of being finished off.
 *
 * - An origin that fails several times in a row is suspended: loads fail at once. After a pause one load tries it.
 * - So many loads run at once; so many more wait, and not for long.
 * - A load that is late is given up: its slot is free at once, its signal is aborted, its caller gets the error.
 *
 * It never tries a load again: a cache that repeats loads multiplies them while the origin can least take them.
 */
export class OriginGuard {
  private readonly breaker: CircuitBreaker | undefined;
  private readonly limit: LoadLimit | undefined;

  constructor(private readonly options: OriginGuardOptions) {
    const { name, limit, breaker, clock, onSuspended, onResumed } = options;
    this.limit = limit === undefined ? undefined : new LoadLimit({ ...limit, name, clock });
    this.breaker =
      breaker === undefined ? undefined : new CircuitBreaker({ ...breaker, clock, onSuspended, onResumed });
  }

  get suspended(): boolean {
    return this.breaker?.suspended === true;
  }

  /**
   * Does the work, in the same step if it need not wait for a slot. With nothing to guard it is a plain call.
   *
   * @throws {OriginSuspendedError} at once, without doing the work, while the origin is left alone
   * @throws {OriginOverloadedError} without doing the work, when there was no slot
   * @throws {LoadTimedOutError} when the deadline passes
   * @throws the reason of the caller's signal, once it is aborted; and whatever the work throws, unchanged
   */
  run<T>(work: LoadWork<T>, bounds: LoadBounds): T | Promise<T> {
    const { breaker, limit } = this;
    const { place, deadlineMs, signal } = bounds;
    if (breaker === undefined && limit === undefined && deadlineMs === undefined && signal === undefined) {
      return work(new LoadSignal());
    }
    if (breaker?.refuses === true) return Promise.reject(this.refusalOf(breaker, place));
    const entered = limit?.enter(place, signal);

    return entered instanceof Promise
      ? entered.then((release) => this.begin(work, bounds, release))
      : this.begin(work, bounds, entered);
  }

  /** Asks the breaker, perhaps again: much can happen to an origin while a load waits for its slot. */
  private begin<T>(work: LoadWork<T>, bounds: LoadBounds, release: Release | undefined): Promise<T> {
    const { breaker } = this;
    const { place, deadlineMs, signal } = bounds;
    if (signal?.aborted === true) {
      release?.();
      return Promise.reject(reasonOf(signal));
    }
    const { clock } = this.options;
    if (breaker === undefined) return boundedLoad(work, bounds, clock, () => release?.());

    // A probe without a deadline may never end; the origin must not stay suspended because of it.
    const admission = breaker.admit(deadlineMs === undefined ? this.options.breaker?.pauseMs : Infinity);
    if (admission === undefined) {
      release?.();
      return Promise.reject(this.refusalOf(breaker, place));
    }

    return boundedLoad(work, bounds, clock, (end, error) => {
      release?.();
      this.tell(breaker, admission, end, error, bounds.isFailure);
    });
  }

  private tell(
    breaker: CircuitBreaker,
    admission: Admission,
    end: LoadEnd,
    error: unknown,
    isFailure = this.options.isFailure,
  ): void {
    if (end === 'aborted' || isRefusal(error)) breaker.withdrawn(admission);
    else if (end === 'late' || (end === 'failed' && isFailure(error))) breaker.failed(error, admission);
    else breaker.answered();
  }

  private refusalOf(breaker: CircuitBreaker, place: string): OriginSuspendedError {
    const { cause, leftMs } = breaker.suspension ?? { cause: undefined, leftMs: 0 };
    const pauseMs = this.options.breaker?.pauseMs ?? 0;

    return new OriginSuspendedError(this.options.name, place, { cause, leftMs, pauseMs });
  }
}

/** Whether an origin was not called at all, this one or another that the load asked: that says nothing of its health. */
export function isRefusal(error: unknown): boolean {
  return error instanceof OriginOverloadedError || error instanceof OriginSuspendedError;
}
