import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { resolveEviction } from '../../src/policy/resolve-eviction.js';
import { familiesOf } from '../../src/policy/resolved-policy.js';

const resolve = (policy: object) => resolveEviction(policy, '@CacheEvict on Pricing.change');
const faultsOf = (policy: object): readonly string[] => resolve(policy).problems.map(({ fault }) => fault);

describe('an eviction', () => {
  it('happens after the method unless it says otherwise', () => {
    expect(resolve({ families: ['product'] })).toMatchObject({ problems: [], resolved: { when: 'after' } });
  });

  it('names its families, in whichever way', () => {
    const { resolved } = resolve({ tags: { a: () => 1 }, tagsOfResult: { b: () => 1 }, families: ['c'] });

    expect(familiesOf(resolved)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['that evicts nothing', {}, 'missing-declaration'],
    ['of a result that is not there yet', { when: 'before', tagsOfResult: { a: () => 1 } }, 'contradiction'],
    ['at another time', { when: 'during', families: ['a'] }, 'invalid-option'],
    ['with an unknown option', { families: ['a'], alsoFamilies: ['b'] }, 'unknown-option'],
    ['with a tag that is no function', { tags: { a: 'sku' } }, 'invalid-option'],
    ['with a nameless family', { families: [''] }, 'invalid-option'],
  ])('%s is refused', (_, policy, fault) => {
    expect(faultsOf(policy)).toContain(fault);
  });

  it('is resolved without throwing, whatever is declared', () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true });
    const policies = fc.record(
      { tags: anything, tagsOfResult: anything, families: anything, caches: anything, user: anything, when: anything },
      { requiredKeys: [] },
    );

    fc.assert(
      fc.property(policies, (policy) => {
        resolve(policy);
      }),
      { numRuns: 1_000 },
    );
  });
});
