import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheEvents } from 'nestjs-consistent-cache';
import type { OriginAnswer } from './counting-origin.js';
import { monotonicMs, StandstillWatch, type Standstill } from './monotonic-clock.js';

/** What became of some reads. */
export class CallerTally {
  begun = 0;
  settled = 0;
  /** By the call of the origin that their value came from. */
  readonly answers: Record<number, number> = {};
  /** By the code of the error. */
  readonly errors: Record<string, number> = {};
  /** By the version of their value. */
  readonly versions: Record<number, number> = {};
  /** How long before the read began the origin had been looked at, at most. */
  worstStalenessMs = 0;
  slowestMs = 0;

  async note(read: () => Promise<OriginAnswer>): Promise<void> {
    const beganMs = monotonicMs();
    this.begun += 1;
    try {
      const { call, version, readAtMs } = await read();
      this.answers[call] = (this.answers[call] ?? 0) + 1;
      this.versions[version] = (this.versions[version] ?? 0) + 1;
      this.worstStalenessMs = Math.max(this.worstStalenessMs, beganMs - readAtMs);
    } catch (error) {
      const code = codeOf(error);
      this.errors[code] = (this.errors[code] ?? 0) + 1;
    }
    this.settled += 1;
    this.slowestMs = Math.max(this.slowestMs, monotonicMs() - beganMs);
  }
}

/** What one process saw of its traffic. */
export interface TrafficReport {
  readonly tallies: Readonly<Record<string, CallerTally>>;
  /** When reads found no entry that could answer them, and so waited, by cache. */
  readonly missedAtMs: Readonly<Record<string, readonly number[]>>;
  readonly standstills: readonly Standstill[];
}

const TICK_MS = 2;
/** What is not answered by then never will be, and is missing from the tally. */
const PATIENCE_MS = 10_000;
/** Timers are late by less than this on a machine that is not overloaded. */
const STANDSTILL_MS = 100;

/**
 * As many unanswered reads of one cache as a process has at once; what is due beyond them is left out. A machine that is too
 * slow for the rate would otherwise be tested for what it does with a backlog.
 */
const MOST_WAITING = 100;

/** Reads at a steady rate, until it is ended. */
export class Traffic {
  private readonly tallies: Record<string, CallerTally> = {};
  private readonly missedAtMs: Record<string, number[]> = {};
  private readonly standstills = new StandstillWatch(STANDSTILL_MS);
  private readonly startedMs = monotonicMs();
  private readonly answered: Promise<void>[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly stopListening: () => void;
  private rounds = 0;

  constructor(
    private readonly reads: readonly {
      readonly cache: string;
      readonly read: (index: number) => Promise<OriginAnswer>;
    }[],
    private readonly perSecond: number,
    events: CacheEvents,
  ) {
    for (const { cache } of reads) {
      this.tallies[cache] = new CallerTally();
      this.missedAtMs[cache] = [];
    }
    this.stopListening = events.subscribe((event) => {
      if (event.type === 'entry-missed') this.missedAtMs[event.policy.split('.').at(-1) ?? '']?.push(monotonicMs());
    });
    this.timer = setInterval(() => {
      this.beginWhatIsDue();
    }, TICK_MS);
  }

  async end(): Promise<TrafficReport> {
    clearInterval(this.timer);
    await Promise.race([Promise.all(this.answered), sleep(PATIENCE_MS)]);
    this.stopListening();

    return { tallies: this.tallies, missedAtMs: this.missedAtMs, standstills: this.standstills.stop() };
  }

  private beginWhatIsDue(): void {
    const due = ((monotonicMs() - this.startedMs) / 1_000) * this.perSecond;
    for (; this.rounds < due; this.rounds += 1) {
      for (const { cache, read } of this.reads) {
        const tally = this.tallies[cache];
        if (tally !== undefined && tally.begun - tally.settled < MOST_WAITING) {
          this.answered.push(tally.note(() => read(this.rounds)));
        }
      }
    }
  }
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);

  return String(error);
}
