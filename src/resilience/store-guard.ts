import type { Clock } from '../time/clock.js';
import { StoreUnavailableError } from './deadline.js';

/** One error reply is an answer, perhaps about one key only; so many, and none in between that is not, are a store that is down. */
const FAILURES_IN_A_ROW = 3;
/** How far the pause between two probes grows. A probe costs one caller one deadline; a longer pause costs the origin. */
const LONGEST_PAUSE = 8;

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

type State =
  | { readonly is: 'answering' }
  /** Nobody asks the store. */
  | Suspension<'suspended'>
  /** One call asks it, whose answer decides. */
  | Suspension<'probing'>;

interface Suspension<Is extends string> {
  readonly is: Is;
  readonly cause: unknown;
  readonly sinceMs: number;
  readonly pauseMs: number;
  readonly untilMs: number;
}

const ANSWERING: State = { is: 'answering' };

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
  private state: State = ANSWERING;
  private failuresInARow = 0;
  private resumptions = 0;
  private readonly halfDeadlineMs: number;

  constructor(private readonly options: StoreGuardOptions) {
    this.halfDeadlineMs = Math.ceil(options.deadlineMs / 2);
  }

  /** Whether the store is known not to answer. Do not skip `call` because of it: a call is what finds out that it answers again. */
  get suspended(): boolean {
    return this.state.is !== 'answering';
  }

  /**
   * Does the work, and waits for it no longer than the deadline. A late answer is dropped; a late failure harms nobody.
   *
   * @param operation for messages: `read of an entry`
   * @throws {StoreUnavailableError} when the work rejects or is late, and at once, without doing it, while suspended
   */
  call<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const isProbe = this.state.is !== 'answering';
    if (isProbe && !this.beginProbe()) return Promise.reject(this.refusalOf(operation));
    const begunAfter = this.resumptions;

    return new Promise((resolve, reject) => {
      let halves = 2;
      const giveUp = () => {
        halves -= 1;
        if (halves > 0) {
          timer.refresh();
          return;
        }
        const late = new StoreUnavailableError(operation, `did not answer within ${this.options.deadlineMs} ms`);
        this.noteSilence(late, isProbe, begunAfter);
        reject(late);
      };
      // Two halves, because timers run before replies: after this process stood still for a while, a store that answered
      // long ago gets a half in which its answer can be heard. Not unref'd: somebody is waiting.
      const timer = setTimeout(giveUp, this.halfDeadlineMs);
      attempt(work).then(
        (value) => {
          if (halves === 0) return;
          clearTimeout(timer);
          this.noteAnswer();
          resolve(value);
        },
        (error: unknown) => {
          if (halves === 0) return;
          clearTimeout(timer);
          const failure =
            error instanceof StoreUnavailableError ? error : new StoreUnavailableError(operation, 'failed', error);
          this.noteFailure(failure, isProbe, begunAfter);
          reject(failure);
        },
      );
    });
  }

  /** The store is known not to answer: its connection was lost, say. */
  suspend(cause: unknown): void {
    if (this.state.is === 'answering') this.pause(cause, this.clockMs(), this.options.retryAfterMs);
  }

  /** The store is known to answer. */
  resume(): void {
    const { state } = this;
    this.failuresInARow = 0;
    if (state.is === 'answering') return;
    this.state = ANSWERING;
    this.resumptions += 1;
    this.options.onResumed?.(this.clockMs() - state.sinceMs);
  }

  private noteAnswer(): void {
    this.failuresInARow = 0;
    if (this.state.is !== 'answering' && this.options.retryAfterMs !== Infinity) this.resume();
  }

  private noteSilence(cause: unknown, isProbe: boolean, begunAfter: number): void {
    if (begunAfter !== this.resumptions) return;
    if (isProbe) this.pauseLonger(cause);
    else this.suspend(cause);
  }

  private noteFailure(cause: unknown, isProbe: boolean, begunAfter: number): void {
    if (begunAfter !== this.resumptions) return;
    this.failuresInARow += 1;
    if (isProbe) this.pauseLonger(cause);
    else if (this.failuresInARow >= FAILURES_IN_A_ROW) this.suspend(cause);
  }

  private beginProbe(): boolean {
    if (this.state.is !== 'suspended' || this.clockMs() < this.state.untilMs) return false;
    this.state = { ...this.state, is: 'probing' };

    return true;
  }

  private pauseLonger(cause: unknown): void {
    if (this.state.is !== 'probing') return;
    const { retryAfterMs } = this.options;
    this.pause(cause, this.state.sinceMs, Math.min(this.state.pauseMs * 2, retryAfterMs * LONGEST_PAUSE));
  }

  private pause(cause: unknown, sinceMs: number, pauseMs: number): void {
    const isNews = this.state.is === 'answering';
    this.state = { is: 'suspended', cause, sinceMs, pauseMs, untilMs: this.clockMs() + pauseMs };
    if (isNews) this.options.onSuspended?.(cause);
  }

  private refusalOf(operation: string): StoreUnavailableError {
    const { state } = this;
    if (state.is === 'answering') return new StoreUnavailableError(operation, 'is not answering');
    const leftMs = Math.ceil(state.untilMs - this.clockMs());
    const next =
      leftMs === Infinity ? 'its connection is probed' : leftMs > 0 ? `next try in ${leftMs} ms` : 'it is being tried';

    return new StoreUnavailableError(operation, `is not answering; ${next}`, state.cause);
  }

  private clockMs(): number {
    return this.options.clock.nowMs();
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
