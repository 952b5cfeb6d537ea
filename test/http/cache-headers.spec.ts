import { describe, expect, it } from '@jest/globals';
import type { LoggedRead } from '../../src/context/read-log.js';
import { cacheHeadersOf } from '../../src/http/cache-headers.js';

const read = (rest: Partial<LoggedRead> = {}): LoggedRead => ({
  policy: 'Pricing.of',
  scope: 'shared',
  outcome: 'hit',
  ageMs: 1_999,
  freshForMs: 3_001,
  noStore: false,
  ...rest,
});

describe('the headers of a response', () => {
  it('say nothing when nothing was read', () => {
    expect(cacheHeadersOf([])).toEqual({ cacheStatus: undefined, age: undefined, cacheControl: undefined });
  });

  it.each([
    ['a hit', read(), 'hit; ttl=3'],
    ['a stale value', read({ outcome: 'stale', freshForMs: -1 }), 'hit; ttl=-1'],
    ['a miss', read({ outcome: 'miss' }), 'fwd=miss'],
    ['a bypass', read({ outcome: 'bypass' }), 'fwd=bypass'],
    ['a refusal', read({ outcome: 'refused' }), 'fwd=bypass'],
  ])('name %s as RFC 9211 does', (_, one, status) => {
    expect(cacheHeadersOf([one]).cacheStatus).toBe(`nestjs-consistent-cache; ${status}; detail="Pricing.of"`);
  });

  it('are as old as the oldest value that was served, in whole seconds', () => {
    expect(cacheHeadersOf([read({ ageMs: 999 }), read({ ageMs: 2_999, policy: 'b' })]).age).toBe('2');
    expect(cacheHeadersOf([read({ outcome: 'miss', ageMs: 0 })]).age).toBeUndefined();
  });

  it('name each cache and outcome once, with the oldest', () => {
    const { cacheStatus } = cacheHeadersOf([read({ freshForMs: 3_000 }), read({ ageMs: 4_000, freshForMs: 1_000 })]);

    expect(cacheStatus).toBe('nestjs-consistent-cache; hit; ttl=1; detail="Pricing.of"');
  });

  it('cannot be broken out of by the name of a policy', () => {
    expect(cacheHeadersOf([read({ policy: 'a"; x=1\r\nSet-Cookie: é\\' })]).cacheStatus).toMatch(
      /detail="a_; x=1__Set-Cookie: __"$/,
    );
  });

  it.each([
    ['nothing of anybody', [read()], undefined],
    ["a user's value", [read(), read({ scope: 'user' })], 'private'],
    ["a tenant's value", [read({ scope: 'tenant' })], 'private'],
    ['what may be stored nowhere', [read({ scope: 'user' }), read({ noStore: true })], 'no-store'],
  ] as const)('allow storing as the strictest part of it does: %s', (_, reads, cacheControl) => {
    expect(cacheHeadersOf(reads).cacheControl).toBe(cacheControl);
  });
});
