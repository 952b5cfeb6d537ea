import { Clock } from '../time/clock.js';
import { toMs } from '../time/duration.js';
import type { Duration } from '../time/duration.js';

/** A clock that moves only when told. */
export class ManualClock extends Clock {
  constructor(private currentMs = Date.UTC(2026, 0, 1)) {
    super();
  }

  override nowMs(): number {
    return this.currentMs;
  }

  advance(by: Duration): void {
    this.currentMs += toMs(by);
  }
}
