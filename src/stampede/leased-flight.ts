import type { LeaseAnswer, LoadLease, LoadLeases } from '../coordination/load-leases.js';
import type { Clock } from '../time/clock.js';

/** Longer than the lease of a holder that died, and than most loads of one that lives. */
const PATIENCE_MS = 3_500;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;
/** By how much of itself a pause may be shorter, so that processes do not come back together. */
const JITTER = 0.25;

export interface LeasedLoad<T> {
  /** Looks for what another process may have stored; undefined or a failure: nothing. */
  look(): Promise<T | undefined>;
  load(): Promise<T>;
  /** Whether the others find by `look` what this load came to. */
  isStored(outcome: T): boolean;
  /**
   * The longest wait for other processes, beside one question to the store. 0 for a load within another, which holds a lease
   * itself: two processes could each wait for what the other is loading.
   */
  readonly patienceMs?: number;
}

/**
 * One load per id among processes: whoever gets the lease loads, the others wait until it has stored the value.
 *
 * No promise about values depends on any of it. Nothing is served because of a lease: what `look` finds is judged like any
 * hit, and what `load` stores like any load. A lease that is lost, late or given twice costs the origin one more call; a
 * holder that dies costs the others its lease, and one that never ends their patience.
 */
export class LeasedFlight {
  /**
   * @param leases undefined where no other process loads: then a load is all that happens, in the same tick
   * @param random uniform from 0 up to 1
   */
  constructor(
    private readonly leases: LoadLeases | undefined,
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  /** What another process has stored, or what this one has loaded. @throws what `load` throws */
  run<T>(id: string, work: LeasedLoad<T>): Promise<T> {
    return this.leases === undefined ? work.load() : this.findOrLoad(this.leases, id, work);
  }

  private async findOrLoad<T>(leases: LoadLeases, id: string, work: LeasedLoad<T>): Promise<T> {
    const patientUntilMs = this.clock.nowMs() + (work.patienceMs ?? PATIENCE_MS);
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const [answer, found] = await ask(leases, id, work);
      if (found !== undefined) {
        if (isLease(answer)) answer.release(true);
        return found;
      }
      if (isLease(answer)) return loadUnder(answer, work);

      const leftMs = patientUntilMs - this.clock.nowMs();
      if (answer === 'fruitless' || leftMs <= 0) return work.load();
      await this.pause(Math.min(pauseMs * (1 - JITTER * this.random()), leftMs));
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(ms, resolve);
    });
  }
}

/**
 * Both in one tick, the lease first: on one connection nothing that was stored before it was granted is overlooked. Where
 * the two travel apart, as in a cluster, something may be, and is loaded once more.
 */
function ask<T>(leases: LoadLeases, id: string, work: LeasedLoad<T>): Promise<[LeaseAnswer, T | undefined]> {
  return Promise.all([leases.acquire(id), lookFor(work)]);
}

async function lookFor<T>(work: LeasedLoad<T>): Promise<T | undefined> {
  try {
    return await work.look();
  } catch {
    // Whoever looks tells what failed; here it is one more reason to load.
    return undefined;
  }
}

async function loadUnder<T>(lease: LoadLease, work: LeasedLoad<T>): Promise<T> {
  let stored = false;
  try {
    const outcome = await work.load();
    stored = work.isStored(outcome);
    return outcome;
  } finally {
    lease.release(stored);
  }
}

function isLease(answer: LeaseAnswer): answer is LoadLease {
  return typeof answer === 'object';
}
