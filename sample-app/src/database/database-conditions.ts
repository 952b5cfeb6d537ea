import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, ServiceUnavailableException } from '@nestjs/common';

/**
 * What the road to the database is like: its latency, whether it is open, and how often it was taken.
 *
 * The embedded database answers within the process. A real one is a network away, and only a network gives a cache
 * its faults: an answer that set out before a write can arrive after it.
 */
@Injectable()
export class DatabaseConditions {
  /** The average of a round trip. */
  latencyMs = 0;
  down = false;
  roundTrips = 0;
  private confirmations: Gate | undefined;

  /**
   * Whether the confirmations of writes arrive. While they do not, a write is committed, and whoever asked for it waits to
   * hear so: what happens when a process stalls, or a network loses the one answer that matters.
   */
  get confirms(): boolean {
    return this.confirmations === undefined;
  }

  set confirms(arrive: boolean) {
    if (arrive === this.confirms) return;
    this.confirmations?.open();
    this.confirmations = arrive ? undefined : gate();
  }

  /** Travels there, does the work and travels back. */
  async roundTrip<T>(work: () => Promise<T>): Promise<T> {
    this.roundTrips += 1;
    await this.travel();
    const answer = await work();
    await this.travel();

    return answer;
  }

  /** The same for a write, whose answer is the confirmation that it was committed. */
  async commit<T>(work: () => Promise<T>): Promise<T> {
    const answer = await this.roundTrip(work);
    await this.confirmations?.passed;

    return answer;
  }

  private async travel(): Promise<void> {
    if (this.down) throw new ServiceUnavailableException('The database does not answer');
    // Exponential: mostly shorter than the average, now and then much longer. That is how answers overtake each other.
    if (this.latencyMs > 0) await sleep((this.latencyMs / 2) * -Math.log(1 - Math.random()));
  }
}

/** Keeps whoever waits for it until it opens, once. */
interface Gate {
  readonly passed: Promise<void>;
  readonly open: () => void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });

  return { passed, open };
}
