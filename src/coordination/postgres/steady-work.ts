import type { Clock } from '../../time/clock.js';
import type { RelayEvent, RelaySource } from '../relay-event.js';

/** Whether it did what there was to do, which shows that it can; or another instance does it, which shows nothing. */
export type Round = 'done' | 'left-to-others';

/**
 * Does one piece of work each period, and at once when it is woken; never twice at a time.
 *
 * A failure is told once, and tried again at the next period; it never becomes an unhandled rejection.
 */
export class SteadyWork {
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStopped = true;
  private failedSinceMs: number | undefined;
  private callOff: (() => void) | undefined;

  constructor(
    private readonly source: RelaySource,
    private readonly work: () => Promise<Round>,
    private readonly periodMs: number,
    private readonly clock: Clock,
    private readonly report: (event: RelayEvent) => void,
  ) {}

  start(): void {
    this.isStopped = false;
    this.wake();
  }

  /** Work that is running may have looked already, so it is done once more. */
  wake(): void {
    if (this.isStopped) return;
    this.isWanted = true;
    this.running ??= this.run();
  }

  /** What is running is waited for. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.callOff?.();
    await this.running;
  }

  private async run(): Promise<void> {
    this.callOff?.();
    // Asked anew in each round: it may be woken and stopped while it works.
    while (this.isWanted && !this.isStopped) {
      this.isWanted = false;
      try {
        if ((await this.work()) === 'done') this.worked();
      } catch (cause) {
        this.failed(cause);
      }
    }
    // In the same step as the last look: whoever wakes it from now on starts it again.
    this.running = undefined;
    if (this.isStopped) return;
    this.callOff = this.clock.after(this.periodMs, () => {
      this.wake();
    });
  }

  private worked(): void {
    if (this.failedSinceMs === undefined) return;
    const suspendedMs = this.clock.nowMs() - this.failedSinceMs;
    this.failedSinceMs = undefined;
    this.report({ type: 'relay-resumed', source: this.source, suspendedMs });
  }

  private failed(cause: unknown): void {
    // What breaks off because it is being closed is no news.
    if (this.isStopped || this.failedSinceMs !== undefined) return;
    this.failedSinceMs = this.clock.nowMs();
    this.report({ type: 'relay-suspended', source: this.source, cause });
  }
}
