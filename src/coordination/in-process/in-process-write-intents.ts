import { SystemClock } from '../../time/clock.js';
import type { Clock } from '../../time/clock.js';
import { WriteIntents } from '../write-intents.js';
import type { Announcement } from '../write-intents.js';

/** As long as in Redis: longer than a statement that nobody waits for any more may still run. */
const LEASE_MS = 10_000;

/** Announced writes of this process: enough where it is the only one that writes. What a process announces dies with it. */
export class InProcessWriteIntents extends WriteIntents {
  private readonly writesOf = new Map<string, number>();

  constructor(private readonly clock: Clock = new SystemClock()) {
    super();
  }

  /** Holds from this call on, not only from when it settles. */
  override announce(tags: readonly string[]): Promise<Announcement> {
    for (const tag of tags) this.writesOf.set(tag, (this.writesOf.get(tag) ?? 0) + 1);
    let isHeld = true;
    const end = (): void => {
      if (isHeld) this.end(tags);
      isHeld = false;
    };

    return Promise.resolve({
      lost: false,
      confirm: () => Promise.resolve(),
      withdraw: () => {
        end();
        return Promise.resolve();
      },
      abandon: () => {
        this.clock.after(LEASE_MS, end);
      },
    });
  }

  override pending(tags: readonly string[]): boolean {
    return this.writesOf.size > 0 && tags.some((tag) => this.writesOf.has(tag));
  }

  private end(tags: readonly string[]): void {
    for (const tag of tags) {
      const others = (this.writesOf.get(tag) ?? 1) - 1;
      if (others === 0) this.writesOf.delete(tag);
      else this.writesOf.set(tag, others);
    }
  }
}
