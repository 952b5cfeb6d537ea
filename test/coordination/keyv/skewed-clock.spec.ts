import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { SkewedClock } from '../../../src/coordination/keyv/skewed-clock.js';

const SKEW_MS = 500;
const skew = fc.integer({ min: 0, max: SKEW_MS });

describe('the clocks of two hosts', () => {
  it('never make an entry younger than it is, however they differ within the limit', () => {
    fc.assert(
      fc.property(skew, skew, fc.nat(10_000), (one, other, ageMs) => {
        const [writer, reader] = [one, other].map((offMs) => new ManualClock(1_000_000 + offMs));
        if (writer === undefined || reader === undefined) return;
        const asOfMs = new SkewedClock(writer, SKEW_MS).earliestMs();
        reader.advance(ageMs);
        const seenMs = new SkewedClock(reader, SKEW_MS).nowMs() - asOfMs;

        expect(seenMs).toBeGreaterThanOrEqual(ageMs);
        expect(seenMs).toBeLessThanOrEqual(ageMs + 2 * SKEW_MS);
      }),
    );
  });

  it('take the skew from every bound', () => {
    const host = new ManualClock();
    const clock = new SkewedClock(host, SKEW_MS);
    const asOfMs = clock.earliestMs();
    host.advance(4_500);

    expect(clock.nowMs() - asOfMs).toBe(5_000);
  });
});
