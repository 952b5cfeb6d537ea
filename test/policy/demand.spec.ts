import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { demandOf, NO_DEMAND, tighten } from '../../src/policy/demand.js';
import { someMs } from '../support/arbitrary-policies.js';

const demands = fc.record({ maxStalenessMs: someMs, strong: fc.boolean() });

describe('the tightest of two demands', () => {
  it('satisfies both, in any order and however often', () => {
    fc.assert(
      fc.property(demands, demands, (a, b) => {
        const both = tighten(a, b);
        expect(both.maxStalenessMs).toBe(Math.min(a.maxStalenessMs, b.maxStalenessMs));
        expect(both.strong).toBe(a.strong || b.strong);
        expect(tighten(b, a)).toEqual(both);
        expect(tighten(both, a)).toEqual(both);
      }),
    );
  });

  it('of a demand and none is the demand', () => {
    fc.assert(
      fc.property(demands, (demand) => {
        expect(tighten(demand, NO_DEMAND)).toEqual(demand);
      }),
    );
  });
});

it.each([
  ['strong', Infinity, { maxStalenessMs: Infinity, strong: true }],
  ['linearizable', Infinity, { maxStalenessMs: Infinity, strong: true }],
  ['bounded', 5_000, { maxStalenessMs: 5_000, strong: false }],
  ['eventual', 60_000, { maxStalenessMs: 60_000, strong: false }],
  ['immutable', Infinity, { maxStalenessMs: 0, strong: true }],
] as const)('a load under %s asks no less of what it reads', (level, maxStalenessMs, demand) => {
  expect(demandOf(level, maxStalenessMs)).toEqual(demand);
});
