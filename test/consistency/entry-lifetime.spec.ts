import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lifetimeOf } from '../../src/consistency/entry-lifetime.js';
import { NO_REFRESH, someMs, someSituation } from '../support/arbitrary-policies.js';

const BOUNDED = {
  refresh: NO_REFRESH,
  negative: undefined,
  consistency: 'bounded',
  ttlMs: 2_000,
  maxStalenessMs: 5_000,
  onErrorMs: 60_000,
} as const;
const STRONG = {
  refresh: NO_REFRESH,
  negative: undefined,
  consistency: 'strong',
  ttlMs: 2_000,
  maxStalenessMs: Infinity,
  onErrorMs: 0,
} as const;

const PLAIN = { isNothing: false, random: 0.5 };

describe('the lifetime of an entry', () => {
  it('counts from the as-of instant where age is the promise', () => {
    expect(lifetimeOf(BOUNDED, { ...PLAIN, asOfMs: 100, loadStartMs: 900 })).toEqual({
      freshUntilMs: 2_100,
      deadlineMs: 60_100,
    });
  });

  it('counts from the load where versions are the promise', () => {
    expect(lifetimeOf(STRONG, { ...PLAIN, asOfMs: 100, loadStartMs: 900 })).toEqual({
      freshUntilMs: 2_900,
      deadlineMs: 2_900,
    });
  });

  it('is shortened at random by up to its share of jitter, never lengthened', () => {
    const jittered = { ...BOUNDED, refresh: { ...NO_REFRESH, jitter: 0.2 } };
    const freshAt = (random: number) =>
      lifetimeOf(jittered, { ...PLAIN, random, asOfMs: 0, loadStartMs: 0 }).freshUntilMs;

    expect([freshAt(0), freshAt(0.5), freshAt(1)]).toEqual([2_000, 1_800, 1_600]);
  });

  it('is that of a result that says that there is nothing, where it does, and no older one answers for a failed origin', () => {
    const negative = { ttlMs: 500, isNothing: () => true, saysNothing: () => false };
    const nothing = { ...PLAIN, isNothing: true, asOfMs: 100, loadStartMs: 900 };

    expect(lifetimeOf({ ...BOUNDED, negative }, nothing)).toEqual({ freshUntilMs: 600, deadlineMs: 600 });
    expect(lifetimeOf({ ...STRONG, negative }, nothing)).toEqual({ freshUntilMs: 1_400, deadlineMs: 1_400 });
  });

  it('never outlasts what the policy allows, and is longest for a value read just now', () => {
    fc.assert(
      fc.property(someSituation, someMs, someMs, ({ policy }, asOfMs, laterMs) => {
        const loadStartMs = asOfMs + laterMs;
        const { freshUntilMs, deadlineMs } = lifetimeOf(
          { ...policy, negative: undefined },
          { ...PLAIN, asOfMs, loadStartMs },
        );
        const longest = Number.isFinite(policy.maxStalenessMs) ? policy.maxStalenessMs : policy.ttlMs;

        expect(freshUntilMs).toBeLessThanOrEqual(deadlineMs);
        expect(deadlineMs).toBeLessThanOrEqual(loadStartMs + Math.max(longest, policy.onErrorMs));
        expect(
          lifetimeOf({ ...policy, negative: undefined }, { ...PLAIN, asOfMs: loadStartMs, loadStartMs }).deadlineMs,
        ).toBeGreaterThanOrEqual(deadlineMs);
      }),
    );
  });
});
