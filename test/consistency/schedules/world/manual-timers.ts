interface Timer {
  dueMs: number;
  readonly run: () => void;
  readonly everyMs: number | undefined;
  readonly afterMs: number;
}

type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout' | 'setInterval' | 'clearInterval'>;

/**
 * Timers that run when a clock is moved past them: what renews a lease or gives a store up does so where the schedule says.
 *
 * Between `install` and `restore` they stand in the place of the global ones.
 */
export class ManualTimers {
  private readonly timers = new Set<Timer>();
  private replaced: Timers | undefined;

  constructor(private readonly nowMs: () => number) {}

  install(): void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    this.replaced = { setTimeout, clearTimeout, setInterval, clearInterval };
    const start =
      (everyMs: boolean) =>
      (run: (...args: unknown[]) => void, afterMs: number, ...args: unknown[]) => {
        const timer: Timer = {
          run: () => {
            run(...args);
          },
          afterMs,
          everyMs: everyMs ? afterMs : undefined,
          dueMs: this.nowMs() + afterMs,
        };
        this.timers.add(timer);
        return this.handleOf(timer);
      };
    const stop = (handle: { readonly timer?: Timer } | undefined) => {
      if (handle?.timer !== undefined) this.timers.delete(handle.timer);
    };
    Object.assign(globalThis, {
      setTimeout: start(false),
      setInterval: start(true),
      clearTimeout: stop,
      clearInterval: stop,
    });
  }

  restore(): void {
    Object.assign(globalThis, this.replaced);
  }

  /** Runs what is due by now, in the order in which it was. */
  runDue(): void {
    for (;;) {
      const [next] = [...this.timers].filter(({ dueMs }) => dueMs <= this.nowMs()).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) return;
      if (next.everyMs === undefined) this.timers.delete(next);
      // As Node does: an interval that was due several times over, while the process stood still, runs once.
      else next.dueMs = this.nowMs() + next.everyMs;
      next.run();
    }
  }

  private handleOf(timer: Timer): object {
    const handle = {
      timer,
      unref: () => handle,
      ref: () => handle,
      refresh: () => {
        timer.dueMs = this.nowMs() + timer.afterMs;
        this.timers.add(timer);
        return handle;
      },
    };

    return handle;
  }
}
