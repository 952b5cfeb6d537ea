import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expiresEarly } from '../../src/stampede/early-expiration.js';

const FRESH_UNTIL_MS = 100_000;
/** ln(1/e) = −1: with it an entry expires early by exactly `loadMs · beta`. */
const ONE_LOAD = 1 / Math.E;

const expires = (given: Partial<Parameters<typeof expiresEarly>[0]>) =>
  expiresEarly({
    nowMs: 99_000,
    freshUntilMs: FRESH_UNTIL_MS,
    loadMs: 1000,
    beta: 1,
    random: ONE_LOAD,
    ...given,
  });

describe('an entry expires early', () => {
  it('from the instant on at which the draw says so', () => {
    expect(expires({ nowMs: 98_999 })).toBe(false);
    expect(expires({ nowMs: 99_000 })).toBe(true);
    expect(expires({ nowMs: 99_001 })).toBe(true);
  });

  it('the earlier, the longer it takes to load and the more eager it is', () => {
    expect(expires({ nowMs: 98_000, loadMs: 1999 })).toBe(false);
    expect(expires({ nowMs: 98_000, loadMs: 2000 })).toBe(true);
    expect(expires({ nowMs: 98_000, beta: 1.999 })).toBe(false);
    expect(expires({ nowMs: 98_000, beta: 2 })).toBe(true);
  });

  it('never without eagerness, nor before its time when its load took none', () => {
    expect(expires({ beta: 0 })).toBe(false);
    expect(expires({ beta: 0, nowMs: FRESH_UNTIL_MS, random: 0 })).toBe(false);
    expect(expires({ loadMs: 0, nowMs: FRESH_UNTIL_MS - 1, random: 0 })).toBe(false);
    expect(expires({ loadMs: 0, nowMs: FRESH_UNTIL_MS })).toBe(true);
  });

  it('by no more than some forty loads, also by a draw of 0', () => {
    expect(expires({ random: 0, nowMs: FRESH_UNTIL_MS - 36_000 })).toBe(true);
    expect(expires({ random: 0, nowMs: FRESH_UNTIL_MS - 37_000 })).toBe(false);
  });
});

describe('for every draw', () => {
  const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const loadMs = fc.double({ min: 0, max: 10_000, noNaN: true });
  const beta = fc.double({ min: 0.01, max: 10, noNaN: true });
  const leftMs = fc.double({ min: 0, max: 50_000, noNaN: true });
  const more = fc.double({ min: 1, max: 4, noNaN: true });

  it('it has expired when its time is over', () => {
    fc.assert(
      fc.property(draw, loadMs, beta, leftMs, (random, took, eager, pastMs) => {
        expect(expires({ random, loadMs: took, beta: eager, nowMs: FRESH_UNTIL_MS + pastMs })).toBe(true);
      }),
    );
  });

  it('what expires early does so later, for a longer load and with more eagerness as well', () => {
    fc.assert(
      fc.property(draw, loadMs, beta, leftMs, more, (random, took, eager, left, factor) => {
        const given = { random, loadMs: took, beta: eager, nowMs: FRESH_UNTIL_MS - left };
        if (!expires(given)) return;

        expect(expires({ ...given, nowMs: FRESH_UNTIL_MS - left / factor })).toBe(true);
        expect(expires({ ...given, loadMs: took * factor })).toBe(true);
        expect(expires({ ...given, beta: eager * factor })).toBe(true);
        expect(expires({ ...given, random: random / factor })).toBe(true);
      }),
    );
  });

  it('it expires with the probability of the formula, e^(−left / (loadMs·β))', () => {
    const draws = Array.from({ length: 10_000 }, (_, index) => (index + 0.5) / 10_000);
    for (const left of [0, 500, 1000, 2000, 5000]) {
      const share = draws.filter((random) => expires({ random, nowMs: FRESH_UNTIL_MS - left })).length / draws.length;

      expect(share).toBeCloseTo(Math.exp(-left / 1000), 3);
    }
  });
});
