import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LeaseAnswer, LoadLease, LoadLeases } from '../../src/coordination/load-leases.js';
import { withinMs } from '../support/within.js';

export interface LoadLeasesUnderTest {
  readonly leases: LoadLeases;
  /** The same leases as another process sees them; the first itself where there is no other. */
  readonly other: LoadLeases;
  /** Lets more time pass than a lease lasts that nobody renews, or the mark of a fruitless load. */
  outlast(): Promise<void>;
  close(): Promise<void>;
}

/** The lease that was given; anything else is the fault of the test or the adapter. */
export function leaseOf(answer: LeaseAnswer): LoadLease {
  if (typeof answer === 'string') throw new Error(`there is no lease: it is ${answer}`);

  return answer;
}

/** What every adapter of the port keeps, whatever it is made of. */
export function itLeasesLoads(adapter: string, open: () => Promise<LoadLeasesUnderTest>): void {
  describe(`load leases in ${adapter}`, () => {
    let underTest: LoadLeasesUnderTest;
    let leases: LoadLeases;
    let other: LoadLeases;
    beforeEach(async () => {
      underTest = await open();
      ({ leases, other } = underTest);
    });
    afterEach(() => underTest.close());

    /** Another process may ask before the store has heard of a release. */
    const onceReleased = async () => {
      let answer: LeaseAnswer = 'held';
      await withinMs(2000, async () => (answer = await other.acquire('a')) !== 'held');

      return answer;
    };

    it('are given to one at a time for each id', async () => {
      const lease = leaseOf(await leases.acquire('a'));
      expect(await leases.acquire('a')).toBe('held');
      expect(await other.acquire('a')).toBe('held');
      leaseOf(await other.acquire('b')).release(true);

      lease.release(true);
      leaseOf(await onceReleased()).release(true);
    });

    it('are given to one of many who ask at once', async () => {
      const given = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => (index % 2 === 0 ? leases : other).acquire('a')),
      );

      expect(given.filter((answer) => answer === 'held')).toHaveLength(19);
      for (const answer of given) if (answer !== 'held') leaseOf(answer).release(true);
    });

    it('stay with a holder that lives, however long it loads', async () => {
      const lease = leaseOf(await leases.acquire('a'));
      await underTest.outlast();

      expect(await other.acquire('a')).toBe('held');
      lease.release(true);
    });

    it('that were fruitless are not waited for, for a short while', async () => {
      const lease = leaseOf(await leases.acquire('a'));

      lease.release(false);
      expect(await onceReleased()).toBe('fruitless');
      expect(await other.acquire('a')).toBe('fruitless');
      await underTest.outlast();

      leaseOf(await other.acquire('a')).release(true);
    });

    it('are released once, and not taken from whoever came next', async () => {
      const lease = leaseOf(await leases.acquire('a'));
      lease.release(true);
      const next = leaseOf(await leases.acquire('a'));

      lease.release(true);
      lease.release(false);
      expect(await leases.acquire('a')).toBe('held');
      next.release(true);
    });
  });
}
