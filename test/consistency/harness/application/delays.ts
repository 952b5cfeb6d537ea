import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.js';

/** The waits of an origin: mostly none, now and then long enough for anything to happen meanwhile. */
export class Delays {
  constructor(private readonly random: Random) {}

  /** Between the answer of the database and the end of the load, so that an old value arrives late. */
  afterLoad(): Promise<void> | undefined {
    return this.sometimes([0.3, 4], [0.1, 40], [0.01, 200]);
  }

  beforeWrite(): Promise<void> | undefined {
    return this.sometimes([0.3, 4], [0.05, 30]);
  }

  /** Between the commit and the end of the writing method. */
  afterCommit(): Promise<void> | undefined {
    return this.sometimes([0.3, 4], [0.05, 30]);
  }

  private sometimes(...waits: readonly (readonly [probability: number, upToMs: number])[]): Promise<void> | undefined {
    let drawn = this.random.next();
    for (const [probability, upToMs] of waits) {
      if (drawn < probability) return sleep(this.random.between(0, upToMs));
      drawn -= probability;
    }

    return undefined;
  }
}
