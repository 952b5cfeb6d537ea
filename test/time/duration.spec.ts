import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatMs, InvalidDurationError, toMs } from '../../src/time/duration.js';
import type { Duration } from '../../src/time/duration.js';

describe('a duration', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1_500, 1_500],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['5m', 300_000],
    ['7d', 604_800_000],
  ])('%p is %p ms', (duration, ms) => {
    expect(toMs(duration)).toBe(ms);
  });

  it.each([
    -1,
    NaN,
    Infinity,
    '',
    '30',
    's',
    '30 s',
    '-1s',
    '1e3ms',
    '30S',
    '1y',
    null,
    undefined,
    {},
    Object.create(null),
    [],
  ])('is never %p', (given) => {
    expect(() => toMs(given as Duration)).toThrow(InvalidDurationError);
  });
});

describe('milliseconds as text', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [90_000, '90s'],
    [120_000, '2m'],
    [86_400_000, '1d'],
    [1.5, '1.5ms'],
  ])('%p is %p', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it('reads back as the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        expect(toMs(formatMs(ms) as Duration)).toBe(ms);
      }),
    );
  });
});
