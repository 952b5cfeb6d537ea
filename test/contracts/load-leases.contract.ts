import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadLeases } from '../../src/coordination/load-leases.js';

export interface LoadLeasesUnderTest {
  readonly leases: LoadLeases;
  /** The same leases as another process sees them; the first itself where there is no other. */
  readonly other: LoadLeases;
  /** Lets the time pass that a lease lasts. */
  outlast(): Promise<void>;
  close(): Promise<void>;
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

    it('are given to one at a time for each id', async () => {
      const lease = await leases.acquire('a');
      expect(lease).toBeDefined();
      expect(await other.acquire('a')).toBeUndefined();
      expect(await other.acquire('b')).toBeDefined();

      lease?.release();
      expect(await leases.acquire('a')).toBeDefined();
    });

    it('are given to one of many who ask at once', async () => {
      const given = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => (index % 2 === 0 ? leases : other).acquire('a')),
      );

      expect(given.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    it('end by themselves, and are not taken from whoever came next', async () => {
      const dead = await leases.acquire('a');
      await underTest.outlast();

      expect(await other.acquire('a')).toBeDefined();
      dead?.release();
      expect(await leases.acquire('a')).toBeUndefined();
    });
  });
}
