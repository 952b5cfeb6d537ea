import { Clock } from '../time/clock.js';
import { toMs } from '../time/duration.js';
import type { Duration } from '../time/duration.js';

/** A clock that moves only when told. */
export class ManualClock extends Clock {
  private alarms: Alarm[] = [];

  constructor(private currentMs = Date.UTC(2026, 0, 1)) {
    super();
  }

  override nowMs(): number {
    return this.currentMs;
  }

  override after(ms: number, callback: () => void): () => void {
    const alarm: Alarm = { atMs: this.currentMs + ms, ring: callback };
    this.alarms.push(alarm);

    return () => {
      this.alarms = this.alarms.filter((each) => each !== alarm);
    };
  }

  /** Whoever waits for an instant on the way is called at that instant, in the order of their instants. */
  advance(by: Duration): void {
    const untilMs = this.currentMs + toMs(by);
    for (let next = this.nextAlarm(untilMs); next !== undefined; next = this.nextAlarm(untilMs)) {
      this.alarms.splice(this.alarms.indexOf(next), 1);
      this.currentMs = Math.max(this.currentMs, next.atMs);
      next.ring();
    }
    this.currentMs = untilMs;
  }

  private nextAlarm(untilMs: number): Alarm | undefined {
    return this.alarms.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

interface Alarm {
  readonly atMs: number;
  readonly ring: () => void;
}
