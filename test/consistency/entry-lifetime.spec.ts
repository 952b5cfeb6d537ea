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
