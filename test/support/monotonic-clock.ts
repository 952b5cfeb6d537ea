/** A clock that all processes of a machine share, and that nobody sets. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A time in which a process did nothing, by the clock above. */
export interface Standstill {
  readonly fromMs: number;
  readonly toMs: number;
}

const TICK_MS = 10;

/**
 * Notes when this process stood still for longer than it may: what was due then was late because of the machine, and says
 * nothing of what is tested.
 */
export class StandstillWatch {
  readonly seen: Standstill[] = [];
  private lastMs = monotonicMs();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly longerThanMs: number) {
    this.timer = setInterval(() => {
      this.look();
    }, TICK_MS);
  }

  stop(): readonly Standstill[] {
    clearInterval(this.timer);
    this.look();

    return this.seen;
  }

  private look(): void {
    const nowMs = monotonicMs();
    if (nowMs - this.lastMs > this.longerThanMs) this.seen.push({ fromMs: this.lastMs, toMs: nowMs });
    this.lastMs = nowMs;
  }
}
