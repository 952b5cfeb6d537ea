import type { Clock } from '../time/clock.js';

/** How far the pause between two probes grows. A probe costs one caller one deadline; a longer pause costs all others. */
const LONGEST_PAUSE = 8;

export interface CircuitBreakerOptions {
  /** So many rejections, and none in between that is an answer, suspend. */
  readonly failuresInARow: number;
  /**
   * How long nobody is let through once suspended, in ms; doubles with each probe that fails, up to eight times as long.
   * `Infinity`: until {@link CircuitBreaker.resume}, for those who probe by themselves.
   */
  readonly pauseMs: number;
  readonly clock: Clock;
  /** Must not throw. */
  readonly onSuspended?: ((cause: unknown) => void) | undefined;
  /** Must not throw. */
  readonly onResumed?: ((suspendedMs: number) => void) | undefined;
}

/** What a call was let through as: one object for all calls between two resumptions, and one for each probe. */
export interface Admission {
  readonly isProbe: boolean;
}

/** Why a call is not let through, and for how long; 0 ms while somebody probes. */
export interface Suspension {
  readonly cause: unknown;
  readonly leftMs: number;
}

interface Suspended {
  readonly is: 'suspended' | 'probing';
  readonly cause: unknown;
  readonly sinceMs: number;
  readonly pauseMs: number;
  /** From when on a call is let through to probe. */
  readonly untilMs: number;
  /** The call whose outcome decides. */
  readonly probe: Admission | undefined;
}

type State = { readonly is: 'answering' } | Suspended;

const ANSWERING: State = { is: 'answering' };

/**
 * Whether something that can fail is asked at all: it answers, is suspended, or is probed by one call.
 *
 * - After a pause one call is let through to probe; an answer resumes, anything else suspends again, for longer.
 * - Any answer resumes, also of a call that was under way: it answers.
 * - What became of a call from before the last resumption says nothing about the time since.
 *
 * While all is well it neither reads the clock nor makes an object.
 */
export class CircuitBreaker {
  private state: State = ANSWERING;
  private failuresInARow = 0;
  /** What calls are let through as since the last resumption. */
  private ordinary: Admission = { isProbe: false };

  constructor(private readonly options: CircuitBreakerOptions) {}

  get suspended(): boolean {
    return this.state.is !== 'answering';
  }

  /** Whether {@link admit} would let nobody through now. Asking changes nothing. */
  get refuses(): boolean {
    return this.state.is !== 'answering' && this.nowMs() < this.state.untilMs;
  }

  /** Undefined while calls are let through. */
  get suspension(): Suspension | undefined {
    const { state } = this;
    if (state.is === 'answering') return undefined;

    return { cause: state.cause, leftMs: state.is === 'probing' ? 0 : Math.ceil(state.untilMs - this.nowMs()) };
  }

  /**
   * Lets a call through, whose outcome has to be told: {@link answered}, {@link failed}, {@link silent} or {@link withdrawn}.
   *
   * @param patienceMs how long a probe may be silent until another call may try; `Infinity` where it has a deadline of its own
   * @returns undefined when the call must not be made
   */
  admit(patienceMs = Infinity): Admission | undefined {
    const { state } = this;
    if (state.is === 'answering') return this.ordinary;
    const nowMs = this.nowMs();
    if (nowMs < state.untilMs) return undefined;
    const probe: Admission = { isProbe: true };
    this.state = { ...state, is: 'probing', untilMs: nowMs + patienceMs, probe };

    return probe;
  }

  answered(): void {
    this.failuresInARow = 0;
    if (this.state.is !== 'answering' && this.options.pauseMs !== Infinity) this.resume();
  }

  /** It said no, which cost nothing to wait for; perhaps it said so to this call only. */
  failed(cause: unknown, admission: Admission): void {
    if (admission.isProbe) {
      this.pauseLonger(cause, admission);
    } else if (admission === this.ordinary) {
      this.failuresInARow += 1;
      if (this.failuresInARow >= this.options.failuresInARow) this.suspend(cause);
    }
  }

  /** It said nothing, and a second call would learn no more than this one did. */
  silent(cause: unknown, admission: Admission): void {
    if (admission.isProbe) this.pauseLonger(cause, admission);
    else if (admission === this.ordinary) this.suspend(cause);
  }

  /** The call ended for a reason of its own; if it was the probe, the next one may be. */
  withdrawn(admission: Admission): void {
    const { state } = this;
    if (state.is !== 'probing' || state.probe !== admission) return;
    this.state = { ...state, is: 'suspended', untilMs: this.nowMs(), probe: undefined };
  }

  /** It is known not to answer: its connection was lost, say. */
  suspend(cause: unknown): void {
    if (this.state.is !== 'answering') return;
    this.pause(cause, this.nowMs(), this.options.pauseMs);
    this.options.onSuspended?.(cause);
  }

  /** It is known to answer. */
  resume(): void {
    const { state } = this;
    this.failuresInARow = 0;
    if (state.is === 'answering') return;
    this.state = ANSWERING;
    this.ordinary = { isProbe: false };
    this.options.onResumed?.(this.nowMs() - state.sinceMs);
  }

  private pauseLonger(cause: unknown, probe: Admission): void {
    const { state } = this;
    if (state.is !== 'probing' || state.probe !== probe) return;
    this.pause(cause, state.sinceMs, Math.min(state.pauseMs * 2, this.options.pauseMs * LONGEST_PAUSE));
  }

  private pause(cause: unknown, sinceMs: number, pauseMs: number): void {
    this.state = { is: 'suspended', cause, sinceMs, pauseMs, untilMs: this.nowMs() + pauseMs, probe: undefined };
  }

  private nowMs(): number {
    return this.options.clock.nowMs();
  }
}
