import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidTagError } from '../../src/entry/entry.errors.js';
import { cacheTag, familyTag, tagValuesOf, tenantTag, userTag, valueTag, type TagValue } from '../../src/entry/tag.js';

const PLACE = '@Cacheable on PricingService.priceOf';

describe('a tag', () => {
  it('is different for every family and every text of a value', () => {
    const family = fc.string({ unit: fc.constantFrom('a', '1', ':', 'v'), maxLength: 4 });
    const value = fc.oneof<fc.Arbitrary<TagValue>[]>(
      fc.string({ unit: fc.constantFrom('a', '1', ':'), maxLength: 4 }),
      fc.nat(12),
      fc.bigInt({ min: 0n, max: 12n }),
    );

    fc.assert(
      fc.property(family, value, family, value, (familyA, a, familyB, b) => {
        expect(valueTag(familyA, a) === valueTag(familyB, b)).toBe(familyA === familyB && String(a) === String(b));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not confuse where a family ends and its value begins', () => {
    expect(valueTag('a', 'b:c')).not.toBe(valueTag('a:b', 'c'));
  });

  it('is one for 1, "1" and 1n, so that a write with the id as text evicts what a read cached under the number', () => {
    expect(new Set([valueTag('f', 1), valueTag('f', '1'), valueTag('f', 1n)]).size).toBe(1);
  });

  it('is one for 0 and -0', () => {
    expect(valueTag('f', -0)).toBe(valueTag('f', 0));
  });

  it('is different for a value, a family, a cache, a user and a tenant of one name', () => {
    expect(new Set([valueTag('a', 'a'), familyTag('a'), cacheTag('a'), userTag('a'), tenantTag('a')]).size).toBe(5);
  });

  it('of another kind is never the tag of a value', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (family, value, name) => {
        expect([familyTag(name), cacheTag(name), userTag(name), tenantTag(name)]).not.toContain(
          valueTag(family, value),
        );
      }),
    );
  });
});

describe('what a tags function returned', () => {
  it.each<[string, unknown, readonly TagValue[]]>([
    ['a text', 'sku-1', ['sku-1']],
    ['an empty text', '', ['']],
    ['a number', 1, [1]],
    ['a bigint', 1n, [1n]],
    ['an array of one', ['a'], ['a']],
    ['an array', ['a', 1, 2n], ['a', 1, 2n]],
    ['an array with repetitions', ['a', 'b', 'a'], ['a', 'b']],
    ['an array with one value in three types', [1, '1', 1n], [1n]],
    ['an empty array', [], []],
  ])('becomes a list: %s', (_, values, list) => {
    expect(tagValuesOf(values, 'product', PLACE)).toEqual(list);
  });

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['NaN', NaN, 'NaN'],
    ['infinity', Infinity, 'Infinity'],
    ['a boolean', true, 'a boolean'],
    ['an object', { id: 1 }, 'an instance of Object'],
    ['a promise', Promise.resolve('a'), 'a promise'],
    ['a function', () => 'a', 'a function'],
    ['an array of undefined', [undefined], 'undefined'],
    ['an array with null', ['a', null], 'null'],
    ['an array with a hole', new Array(2), 'undefined'],
    ['an array in an array', [['a']], 'an instance of Array'],
  ])('is refused: %s', (_, values, kind) => {
    const read = (): unknown => tagValuesOf(values, 'product', PLACE);

    expect(read).toThrow(InvalidTagError);
    expect(read).toThrow(
      expect.objectContaining({
        code: 'TAG_INVALID',
        where: PLACE,
        what: expect.stringContaining(`'product' is ${kind},`),
      }),
    );
  });

  it('is refused with what, where and how to fix it', () => {
    expect(() => tagValuesOf(undefined, 'product', PLACE)).toThrow(
      "[TAG_INVALID] A value of the tag family 'product' is undefined, and nothing could ever evict it (@Cacheable on " +
        'PricingService.priceOf). Let `tags.product` return a string, a finite number or a bigint, or an array of them.',
    );
  });
});
