/**
 * The one source of time for every decision about age.
 *
 * Invariant: within a process it never goes back.
 */
export abstract class Clock {
  /**
   * Milliseconds since the Unix epoch, possibly with a fraction. A clock that knows its time only within limits gives the
   * latest that it can be, so that an age is never underestimated.
   */
  abstract nowMs(): number;

  /** The earliest that it can be now: what a loaded value is stamped with. */
  earliestMs(): number {
    return this.nowMs();
  }

  /**
   * Calls back once, when so much time has passed. What waits for it does not keep the process alive.
   *
   * @returns what calls it off
   */
  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    timer.unref();

    return () => {
      clearTimeout(timer);
    };
  }
}

/**
 * Reads the machine's clocks so that an age can be overestimated but never underestimated.
 *
 * The wall clock can be set back, which would make old entries young; the monotonic clock stands still while a virtual
 * machine is suspended. This clock moves with whichever of the two has gone further.
 */
export class SystemClock extends Clock {
  private offsetMs = Date.now() - performance.now();

  override nowMs(): number {
    const monotonicMs = performance.now();
    const aheadMs = Date.now() - (monotonicMs + this.offsetMs);
    // Date.now() is whole milliseconds, so it lags by up to one; only a step forward may move the offset.
    if (aheadMs > 0) this.offsetMs += aheadMs;

    return monotonicMs + this.offsetMs;
  }
}

/**
 * How long this process has been running: a length of time by this clock was never shorter than it says.
 *
 * It stands still while the machine is suspended, and nobody can set it. Its instants mean nothing beside those of other clocks.
 */
export class RunningClock extends Clock {
  override nowMs(): number {
    return performance.now();
  }
}
