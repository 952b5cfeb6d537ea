import { describe, expect, it } from '@jest/globals';
import { resolveNoCache, resolveTightening } from '../../src/policy/resolve-tolerance.js';

const because = 'checkout shows what is paid';
const tighten = (tolerance: object) =>
  resolveTightening({ because, ...tolerance }, '@StaleTolerance on Checkout.place');

describe('a tolerance on a method that is not cached', () => {
  it.each([
    [0, 0],
    ['1s', 1_000],
  ] as const)('demands %p of what is below', (max, ms) => {
    expect(tighten({ max })).toEqual({ problems: [], resolved: ms });
  });

  it.each([
    ['without max', {}, 'missing-declaration'],
    ['with onError', { max: '1s', onError: '1m' }, 'contradiction'],
    ['without a reason', { max: '1s', because: '' }, 'missing-declaration'],
    ['with an unknown option', { max: '1s', min: 1 }, 'unknown-option'],
  ])('%s is refused', (_, tolerance, fault) => {
    expect(tighten(tolerance).problems.map((problem) => problem.fault)).toEqual([fault]);
  });
});

it('a result that may be stored nowhere says why', () => {
  expect(resolveNoCache({ because }, 'here')).toEqual({ problems: [], resolved: { because } });
  expect(resolveNoCache({ because: '' }, 'here').problems).toMatchObject([{ fault: 'missing-declaration' }]);
});
