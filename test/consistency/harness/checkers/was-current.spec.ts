import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { madeUp, type MadeUpRead, type MadeUpWrite } from './made-up-record.js';
import { simulatedRegister } from './simulated-register.js';
import { notCurrent } from './was-current.js';

const WRITES: readonly MadeUpWrite[] = [
  { begun: 10, committed: 15, ended: 20 },
  { begun: 30, committed: 35, ended: 40 },
];
const faultsOf = (reads: readonly MadeUpRead[], toleranceMs = 0, writes = WRITES) =>
  notCurrent(madeUp(writes, reads), toleranceMs).map(({ fault }) => fault);

describe('A version that was current at some instant of the read', () => {
  it('may be read until the next one is in the database for certain, and no longer', () => {
    expect(faultsOf([{ version: 0, begun: 15, ended: 16 }])).toEqual([]);
    expect(faultsOf([{ version: 0, begun: 15.1, ended: 16 }])).toEqual(['not-current']);
  });

  it('may be read from the moment on at which its write has begun', () => {
    expect(faultsOf([{ version: 2, begun: 20, ended: 30 }])).toEqual([]);
    expect(faultsOf([{ version: 2, begun: 20, ended: 29.9 }])).toEqual(['from-nowhere']);
    expect(faultsOf([{ version: 3, begun: 50, ended: 51 }])).toEqual(['from-nowhere']);
  });

  it('is gone once anybody has seen a later one, although its write is still under way', () => {
    const seen = { version: 2, begun: 31, ended: 32 };

    expect(faultsOf([seen, { version: 1, begun: 32, ended: 33 }])).toEqual([]);
    expect(faultsOf([seen, { version: 1, begun: 32.1, ended: 33 }])).toEqual(['not-current']);
    expect(faultsOf([seen, { version: 0, begun: 32.1, ended: 33 }])).toEqual(['not-current']);
  });

  it('may be read for the tolerance longer', () => {
    expect(faultsOf([{ version: 1, begun: 135, ended: 136 }], 100)).toEqual([]);
    expect(faultsOf([{ version: 1, begun: 135.1, ended: 136 }], 100)).toEqual(['not-current']);
  });

  it('outlives a write of which nobody ever heard again, until somebody sees it or a later one', () => {
    const [first] = WRITES as [MadeUpWrite];
    const lost = [first, { begun: 30 }];

    expect(faultsOf([{ version: 1, begun: 900, ended: 901 }], 0, lost)).toEqual([]);
    expect(
      faultsOf(
        [
          { version: 2, begun: 800, ended: 801 },
          { version: 1, begun: 900, ended: 901 },
        ],
        0,
        lost,
      ),
    ).toEqual(['not-current']);
    const followed = [...lost, { begun: 50, committed: 55, ended: 60 }];
    expect(faultsOf([{ version: 1, begun: 55.1, ended: 57 }], 0, followed)).toEqual(['not-current']);
  });

  it('is not blamed on readers of the truth when another read came from nowhere', () => {
    const fromNowhere = { version: 2, begun: 1, ended: 2 };

    expect(faultsOf([fromNowhere, { version: 0, begun: 5, ended: 6 }])).toEqual(['from-nowhere']);
  });

  it.each([0, 7])('is accepted whatever a correct register does, with a tolerance of %d ms', (toleranceMs) => {
    fc.assert(
      fc.property(simulatedRegister(toleranceMs), ({ writes, reads }) => {
        expect(notCurrent(madeUp(writes, reads), toleranceMs)).toEqual([]);
      }),
    );
  });

  it.each([0, 7])('is missed wherever a stale read is planted, with a tolerance of %d ms', (toleranceMs) => {
    fc.assert(
      fc.property(
        simulatedRegister(toleranceMs),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (register, nth, afterMs) => {
          const { writes, reads } = register;
          const missed = writes[nth % Math.max(1, writes.length)];
          fc.pre(missed !== undefined);
          const begun = missed.committed + toleranceMs + afterMs;
          const planted = { version: writes.indexOf(missed), begun, ended: begun + 1, by: 'planted' };

          const accused = notCurrent(madeUp(writes, [...reads, planted]), toleranceMs);
          expect(accused.map(({ story }) => story)).toEqual([expect.stringContaining('planted')]);
        },
      ),
    );
  });

  it('agrees with trying every instant for every commit', () => {
    const instant = fc.integer({ min: 0, max: 7 });
    const span = fc.tuple(instant, instant).map(([a, b]) => ({ begun: Math.min(a, b), ended: Math.max(a, b) }));
    const write = fc.record({ span, isHeardOf: fc.boolean() });
    const read = fc.record({ span, version: fc.integer({ min: 0, max: 3 }) });

    fc.assert(
      fc.property(fc.array(write, { maxLength: 3 }), fc.array(read, { maxLength: 4 }), (drawn, drawnReads) => {
        const writes = drawn.map((each) => ({
          begun: each.span.begun,
          ended: each.isHeardOf ? each.span.ended : Infinity,
        }));
        const reads = drawnReads.map((each) => ({ ...each.span, version: Math.min(each.version, writes.length) }));
        fc.pre(isPossible(writes, []));

        expect(notCurrent(madeUp(writes, reads), 0).length === 0).toBe(isPossible(writes, reads));
      }),
      { numRuns: 500 },
    );
  });
});

/** Whether there are instants of the commits, in their order, that explain everything: the definition, without a thought. */
function isPossible(
  writes: readonly { begun: number; ended: number }[],
  reads: readonly { version: number; begun: number; ended: number }[],
  instants: readonly number[] = [],
): boolean {
  const next = writes[instants.length];
  if (next === undefined) {
    const currentFrom = (version: number) => (version === 0 ? -Infinity : (instants[version - 1] ?? Infinity));
    return reads.every(
      ({ version, begun, ended }) => currentFrom(version) <= ended && currentFrom(version + 1) >= begun,
    );
  }

  const from = Math.max(next.begun, instants.at(-1) ?? -Infinity);
  const until = Math.min(next.ended, 8);
  for (let instant = from; instant <= until; instant += 1) {
    if (isPossible(writes, reads, [...instants, instant])) return true;
  }
  return false;
}
