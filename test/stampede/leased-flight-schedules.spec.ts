import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LeasedWorld, type LeasedProcess, type Reading } from './leased-world.js';

/*
 * Random processes at random distances from their store, which read, load, stand still and die at random instants. Short
 * leases and loads, because what counts is how many of one fit into the other.
 */

const TIMES = { leaseMs: 90, fruitlessMs: 60 };
const LONGEST_LOAD_MS = 400;
const LONGEST_ROUND_TRIP_MS = 20;
const LATEST_START_MS = 60;
/** Longer than one question to the store on the way there and one on the way back, and the step of the clock. */
const ONE_QUESTION_MS = LONGEST_ROUND_TRIP_MS + 2;

const reader = fc.record({
  startMs: fc.nat(LATEST_START_MS),
  loadMs: fc.integer({ min: 1, max: LONGEST_LOAD_MS }),
  roundTripMs: fc.nat(LONGEST_ROUND_TRIP_MS / 2).map((half) => half * 2),
  jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
const fate = fc.record({
  stores: fc.boolean(),
  fails: fc.boolean(),
  standsFromMs: fc.option(fc.nat(600), { nil: undefined }),
  standsForMs: fc.constantFrom(30, 100, 300, Infinity),
});

type Reader = typeof reader extends fc.Arbitrary<infer T> ? T : never;

/** Starts a process and lets it read at its instant. */
const reads = (world: LeasedWorld, name: string, given: Reader, plan = {}) => {
  const { startMs, loadMs, roundTripMs, jitter } = given;
  const process = world.process(name, { roundTripMs, random: () => jitter });
  const reading = new Promise<Reading>((resolve, reject) => {
    world.clock.after(startMs, () => {
      process.read({ loadMs, ...plan }).then(resolve, reject);
    });
  });

  return { process, reading };
};

it('while leaders live and store what they load, there is one load, and everybody gets its value', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(reader, { minLength: 2, maxLength: 5 }), async (readers) => {
      const world = new LeasedWorld(TIMES);
      const readings = readers.map((each, index) => reads(world, `p${index}`, each, { patienceMs: 1000 }).reading);
      await world.pass(LATEST_START_MS + LONGEST_LOAD_MS + 200);

      const values = (await Promise.all(readings)).map(({ value }) => value);
      expect(world.calls).toHaveLength(1);
      expect(new Set(values)).toEqual(new Set([`by ${world.calls[0]?.by}`]));
    }),
    { numRuns: 80 },
  );
}, 30_000);

it('whatever happens to the others, a process that lives has an answer, and has waited no longer than its patience', async () => {
  const patience = fc.nat(300);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(reader, fate), { minLength: 2, maxLength: 5 }),
      patience,
      fc.option(fc.nat(600), { nil: undefined }),
      async (players, patienceMs, downFromMs) => {
        const world = new LeasedWorld(TIMES);
        const living: Promise<Reading | 'failed'>[] = [];
        players.forEach(([given, { stores, fails, standsFromMs, standsForMs }], index) => {
          const { process, reading } = reads(world, `p${index}`, given, { patienceMs, stores, fails });
          if (standsFromMs === undefined) living.push(reading.catch(() => 'failed'));
          else {
            reading.catch(() => undefined);
            standsStill(world, process, standsFromMs, standsForMs);
          }
        });
        if (downFromMs !== undefined) world.clock.after(downFromMs, () => (world.server.isDown = true));
        await world.pass(LATEST_START_MS + patienceMs + LONGEST_LOAD_MS + 200);

        for (const reading of await Promise.all(living)) {
          if (reading !== 'failed') expect(reading.waitedMs).toBeLessThanOrEqual(patienceMs + 2 * ONE_QUESTION_MS);
        }
      },
    ),
    { numRuns: 80 },
  );
}, 30_000);

function standsStill(world: LeasedWorld, { clock }: LeasedProcess, fromMs: number, forMs: number): void {
  world.clock.after(fromMs, () => {
    clock.standStill();
  });
  if (forMs === Infinity) return;

  world.clock.after(fromMs + forMs, () => {
    clock.goOn();
  });
}
