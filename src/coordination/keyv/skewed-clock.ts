import { Clock } from '../../time/clock.js';

/**
 * The clock of one host among several that agree only within a limit.
 *
 * What was stamped elsewhere with the earliest that it could be, and is judged here by the latest that it can be, is never
 * taken for younger than it is, as long as no two clocks differ by more than `maxSkewMs`. That costs `maxSkewMs` of each
 * entry's life.
 */
export class SkewedClock extends Clock {
  constructor(
    private readonly own: Clock,
    private readonly maxSkewMs: number,
  ) {
    super();
  }

  override nowMs(): number {
    return this.own.nowMs() + this.maxSkewMs;
  }

  override earliestMs(): number {
    return this.own.earliestMs();
  }
}
