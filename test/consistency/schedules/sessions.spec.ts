import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SessionWorld, someSessionSteps } from './world/session-world.js';

/** Enough that each check of a ticket, taken away, is missed. */
const RUNS = 4_000;

describe('a caller that moves between instances', () => {
  it('never sees less than it wrote or saw, whatever they have kept, and however little its ticket holds', () => {
    let hits = 0;
    fc.assert(
      fc.property(
        someSessionSteps,
        fc.record({
          roomBytes: fc.constantFrom(0, 14, 30, 45, 700),
          uncertaintyMs: fc.array(fc.constantFrom(0, 0.4, 3), { maxLength: 5 }),
          collide: fc.boolean(),
        }),
        (steps, options) => {
          const world = new SessionWorld(options);
          world.run(steps);
          hits += world.hits;

          expect(world.faults).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
    expect(hits).toBeGreaterThan(RUNS);
  });
});
