import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { demandOf, gives, NO_DEMAND, tighten } from '../../src/policy/demand.js';
import { someGuarantee, someMs } from '../support/arbitrary-policies.js';

const demands = fc.record({ maxStalenessMs: someMs, guarantee: someGuarantee });

const LEVELS = ['linearizable', 'strong', 'session', 'bounded', 'eventual', 'immutable'] as const;

describe('the tightest of two demands', () => {
  it('satisfies both, in any order and however often', () => {
    fc.assert(
      fc.property(demands, demands, (a, b) => {
        const both = tighten(a, b);
        expect(both.maxStalenessMs).toBe(Math.min(a.maxStalenessMs, b.maxStalenessMs));
        for (const level of LEVELS) {
          expect(gives(level, both.guarantee)).toBe(gives(level, a.guarantee) && gives(level, b.guarantee));
        }
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
  ['strong', Infinity, { maxStalenessMs: Infinity, guarantee: 'strong' }],
  ['linearizable', Infinity, { maxStalenessMs: Infinity, guarantee: 'linearizable' }],
  ['session', 5_000, { maxStalenessMs: 5_000, guarantee: 'linearizable' }],
  ['bounded', 5_000, { maxStalenessMs: 5_000, guarantee: 'any' }],
  ['eventual', 60_000, { maxStalenessMs: 60_000, guarantee: 'any' }],
  ['immutable', Infinity, { maxStalenessMs: 0, guarantee: 'strong' }],
] as const)('a load under %s asks no less of what it reads', (level, maxStalenessMs, demand) => {
  expect(demandOf(level, maxStalenessMs)).toEqual(demand);
});

it.each([
  ['any', LEVELS],
  ['strong', ['linearizable', 'strong', 'immutable']],
  ['linearizable', ['linearizable', 'immutable']],
] as const)('a caller who needs %s is given entries of these levels alone', (guarantee, given) => {
  expect(LEVELS.filter((level) => gives(level, guarantee))).toEqual(given);
});
