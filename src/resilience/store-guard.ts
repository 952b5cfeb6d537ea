import type { Clock } from '../time/clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { StoreUnavailableError } from './deadline.js';

/** One error reply is an answer, perhaps about one key only; so many, and none in between that is not, are a store that is down. */
const FAILURES_IN_A_ROW = 3;

export interface StoreGuardOptions {
  /** How long one call may take, in ms. */
  readonly deadlineMs: number;
  /**
   * How long nobody asks a store that does not answer, in ms; doubles with each probe that fails, up to eight times as
   * long. `Infinity`: until {@link StoreGuard.resume}, for an adapter that probes by itself.
   */
  readonly retryAfterMs: number;
  readonly clock: Clock;
  /** Must not throw. */
  readonly onSuspended?: ((cause: unknown) => void) | undefined;
  /** Must not throw. */
  readonly onResumed?: ((suspendedMs: number) => void) | undefined;
}

/**
 * Stands between callers and a store, so that a store that hangs costs one deadline and not one for each request.
 *
 * - A deadline that passes suspends the store at once; calls already under way end at their own deadlines. Of rejections it
 *   takes three in a row.
 * - While suspended, calls fail at once. After a pause one call is let through to probe; its answer resumes, anything else
 *   suspends again, for longer.
 * - Any answer within its deadline resumes, also of a call that was under way. A late one does not: a store that always
 *   answers just too late would be asked again and again, at one deadline each.
 * - What became of a call from before the last resumption says nothing about the store since.
 */
export class StoreGuard {
  private readonly breaker: CircuitBreaker;
  private readonly deadlineMs: number;
  private readonly halfDeadlineMs: number;

  constructor({ deadlineMs, retryAfterMs, clock, onSuspended, onResumed }: StoreGuardOptions) {
    this.deadlineMs = deadlineMs;
    this.halfDeadlineMs = Math.ceil(deadlineMs / 2);
    this.breaker = new CircuitBreaker({
      failuresInARow: FAILURES_IN_A_ROW,
      pauseMs: retryAfterMs,
      clock,
      onSuspended,
      onResumed,
    });
  }

  /** Whether the store is known not to answer. Do not skip `call` because of it: a call is what finds out that it answers again. */
  get suspended(): boolean {
    return this.breaker.suspended;
  }

  /**
   * Does the work, and waits for it no longer than the deadline. A late answer is dropped; a late failure harms nobody.
   *
   * @param operation for messages: `read of an entry`
   * @throws {StoreUnavailableError} when the work rejects or is late, and at once, without doing it, while suspended
   */
  call<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const admission = this.breaker.admit();
    if (admission === undefined) return Promise.reject(this.refusalOf(operation));

    return new Promise((resolve, reject) => {
      let halves = 2;
      const giveUp = () => {
        halves -= 1;
        if (halves > 0) {
          timer.refresh();
          return;
        }
        const late = new StoreUnavailableError(operation, `did not answer within ${this.deadlineMs} ms`);
        this.breaker.silent(late, admission);
        reject(late);
      };
      // Two halves, because timers run before replies: after this process stood still for a while, a store that answered
      // long ago gets a half in which its answer can be heard. Not unref'd: somebody is waiting.
      const timer = setTimeout(giveUp, this.halfDeadlineMs);
      attempt(work).then(
        (value) => {
          if (halves === 0) return;
          clearTimeout(timer);
          this.breaker.answered();
          resolve(value);
        },
        (error: unknown) => {
          if (halves === 0) return;
          clearTimeout(timer);
          const failure =
            error instanceof StoreUnavailableError ? error : new StoreUnavailableError(operation, 'failed', error);
          this.breaker.failed(failure, admission);
          reject(failure);
        },
      );
    });
  }

  /** The store is known not to answer: its connection was lost, say. */
  suspend(cause: unknown): void {
    this.breaker.suspend(cause);
  }

  /** The store is known to answer. */
  resume(): void {
    this.breaker.resume();
  }

  private refusalOf(operation: string): StoreUnavailableError {
    const { cause, leftMs } = this.breaker.suspension ?? { cause: undefined, leftMs: 0 };
    const next =
      leftMs === Infinity ? 'its connection is probed' : leftMs > 0 ? `next try in ${leftMs} ms` : 'it is being tried';

    return new StoreUnavailableError(operation, `is not answering; ${next}`, cause);
  }
}

/** Work that throws before its first await fails like any other. */
function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
