import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { intentKey, leaseKey, versionKey, versionPrefix } from '../../../src/coordination/redis/redis-keys.js';

const slotPartOf = (key: string) => /\{([^}]+)\}/.exec(key)?.[1];

describe('keys in Redis', () => {
  it('name plain tags as they are', () => {
    expect(versionKey('shop', 'v7:product:sku-1')).toBe('shop:v:{v7:product:sku-1}');
    expect(intentKey('shop', 'v7:product:sku-1')).toBe('shop:i:{v7:product:sku-1}');
    expect(leaseKey('shop', 'prices')).toBe('shop:l:prices');
  });

  it('place a tag and its announced writes on one node, whatever the tag', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tag) => {
        const [version, intent] = [versionKey('shop', tag), intentKey('shop', tag)];

        expect(version.startsWith(versionPrefix('shop'))).toBe(true);
        expect(intent.startsWith(versionPrefix('shop'))).toBe(false);
        expect(slotPartOf(version)).toBeDefined();
        expect(slotPartOf(version)).toBe(slotPartOf(intent));
        expect(version.length).toBeLessThan(200);
      }),
    );
  });

  it.each(['}', '}a', '{', '{}', '{a}b', ''])('place %j and its announced writes on one node', (tag) => {
    expect(slotPartOf(versionKey('shop', tag))).toBe(slotPartOf(intentKey('shop', tag)));
    expect(versionKey('shop', tag)).toMatch(/^shop:v:\{[^{}]+\}$/);
  });

  it.each([
    ['a}', 'a'],
    ['a{b}', 'a{c}'],
    ['\u{d800}', '\u{d801}'],
    ['é', 'è'],
    ['x'.repeat(300), `${'x'.repeat(299)}y`],
    ['', ' '],
    ['a b', 'a_b'],
  ])('keep %j apart from %j', (one, other) => {
    expect(versionKey('shop', one)).not.toBe(versionKey('shop', other));
    expect(leaseKey('shop', one)).not.toBe(leaseKey('shop', other));
  });

  it('keep a tag apart from the digest of another', () => {
    const digested = slotPartOf(versionKey('shop', 'é')) ?? '';

    expect(versionKey('shop', digested)).not.toBe(versionKey('shop', 'é'));
  });
});
