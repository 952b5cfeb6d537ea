import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answersOnError, decideRead } from '../../src/consistency/decide-read.js';
import type { ReadSituation } from '../../src/consistency/read-situation.js';
import { NO_DEMAND, tighten } from '../../src/policy/demand.js';
import { NO_REFRESH, someGuarantee, someMs, someSituation } from '../support/arbitrary-policies.js';

const serves = (situation: ReadSituation): boolean => decideRead(situation).action !== 'load';

const BOUNDED = {
  refresh: NO_REFRESH,
  consistency: 'bounded',
  ttlMs: 5_000,
  maxStalenessMs: 5_000,
  onErrorMs: 0,
} as const;
const STRONG = {
  refresh: NO_REFRESH,
  consistency: 'strong',
  ttlMs: 3_600_000,
  maxStalenessMs: Infinity,
  onErrorMs: 0,
} as const;
const EVENTUAL = {
  refresh: NO_REFRESH,
  consistency: 'eventual',
  ttlMs: 60_000,
  maxStalenessMs: 60_000,
  onErrorMs: 600_000,
} as const;
const IMMUTABLE = {
  refresh: NO_REFRESH,
  consistency: 'immutable',
  ttlMs: 60_000,
  maxStalenessMs: Infinity,
  onErrorMs: 0,
} as const;

function situation(policy: ReadSituation['policy'], ageMs: number, rest: Partial<ReadSituation> = {}): ReadSituation {
  return {
    policy,
    ageMs,
    entryTtlMs: policy.ttlMs,
    ttlPassed: ageMs >= policy.ttlMs,
    expiresEarly: false,
    superseded: false,
    demand: NO_DEMAND,
    session: 'ok',
    ...rest,
  };
}

describe('an entry that was found', () => {
  it.each([
    ['bounded, one ms before its bound', situation(BOUNDED, 4_999), 'serve'],
    ['bounded, at its bound', situation(BOUNDED, 5_000), 'serve'],
    ['bounded, one ms past its bound', situation(BOUNDED, 5_001), 'bound-exceeded'],
    ['bounded with an earlier ttl, at its ttl', situation({ ...BOUNDED, ttlMs: 2_000 }, 2_000), 'ttl-passed'],
    ['bounded with an earlier ttl, one ms before', situation({ ...BOUNDED, ttlMs: 2_000 }, 1_999), 'serve'],
    ['bounded, superseded', situation(BOUNDED, 0, { superseded: true }), 'superseded'],
    ['eventual, one ms before its ttl', situation(EVENTUAL, 59_999), 'serve'],
    ['eventual, at its ttl', situation(EVENTUAL, 60_000), 'ttl-passed'],
    ['eventual, superseded', situation(EVENTUAL, 0, { superseded: true }), 'superseded'],
    ['strong, however old', situation(STRONG, 3_599_999), 'serve'],
    ['strong, superseded', situation(STRONG, 0, { superseded: true }), 'superseded'],
    [
      'immutable under any demand',
      situation(IMMUTABLE, 1, { demand: { maxStalenessMs: 0, guarantee: 'strong' } }),
      'serve',
    ],
    ['of the future', situation(BOUNDED, -1), 'from-the-future'],
    ['at the demanded age', situation(STRONG, 100, { demand: { maxStalenessMs: 100, guarantee: 'any' } }), 'serve'],
    ['past it', situation(STRONG, 101, { demand: { maxStalenessMs: 100, guarantee: 'any' } }), 'demand-exceeded'],
    [
      'of now, under max: 0',
      situation(STRONG, 0, { demand: { maxStalenessMs: 0, guarantee: 'any' } }),
      'demand-exceeded',
    ],
    [
      'too weak for a strong caller',
      situation(EVENTUAL, 0, { demand: { maxStalenessMs: Infinity, guarantee: 'strong' } }),
      'demand-of-stronger-level',
    ],
    [
      'strong for a strong caller',
      situation(STRONG, 1, { demand: { maxStalenessMs: Infinity, guarantee: 'strong' } }),
      'serve',
    ],
  ] as const)('%s: %#', (_, found, expected) => {
    const decision = decideRead(found);

    expect(decision.action === 'serve' ? 'serve' : decision.because).toBe(expected);
  });

  it('is never older than its level allows when it is served', () => {
    fc.assert(
      fc.property(someSituation, (found) => {
        fc.pre(serves(found));
        const { policy, ageMs, superseded, demand } = found;
        expect(superseded).toBe(false);
        expect(ageMs).toBeGreaterThanOrEqual(0);
        expect(ageMs).toBeLessThanOrEqual(policy.maxStalenessMs);
        if (policy.consistency !== 'bounded' && policy.consistency !== 'session')
          expect(ageMs).toBeLessThan(policy.ttlMs);
        if (policy.consistency !== 'immutable') expect(ageMs).toBeLessThanOrEqual(demand.maxStalenessMs);
      }),
    );
  });

  it('is never served to a tighter demand when a looser one refused it', () => {
    fc.assert(
      fc.property(someSituation, someMs, someGuarantee, (found, maxStalenessMs, guarantee) => {
        const tighter = { ...found, demand: tighten(found.demand, { maxStalenessMs, guarantee }) };
        if (serves(tighter)) expect(serves(found)).toBe(true);
        if (answersOnError(tighter)) expect(answersOnError(found)).toBe(true);
      }),
    );
  });

  it('is never served later when it was refused for its age', () => {
    fc.assert(
      fc.property(someSituation, someMs, (found, laterMs) => {
        fc.pre(found.ageMs >= 0);
        const ageMs = found.ageMs + laterMs;
        const later = { ...found, ageMs, ttlPassed: ageMs >= found.policy.ttlMs };
        if (serves(later)) expect(serves(found)).toBe(true);
      }),
    );
  });
});

describe('an entry after its origin has failed', () => {
  it.each([
    ['up to onError', situation(EVENTUAL, 600_000), true],
    ['past onError', situation(EVENTUAL, 600_001), false],
    ['superseded', situation(EVENTUAL, 60_000, { superseded: true }), false],
    ['of the future', situation(EVENTUAL, -1), false],
    ['within its bound, past its ttl', situation({ ...BOUNDED, ttlMs: 1_000 }, 5_000), true],
    ['past its bound, nothing declared', situation(BOUNDED, 5_001), false],
    ['strong', situation(STRONG, 1), false],
    ['immutable', situation(IMMUTABLE, 60_000), false],
    ['past the demand', situation(EVENTUAL, 101, { demand: { maxStalenessMs: 100, guarantee: 'any' } }), false],
    ['under max: 0', situation(EVENTUAL, 0, { demand: { maxStalenessMs: 0, guarantee: 'any' } }), false],
    [
      'for a strong caller',
      situation(EVENTUAL, 0, { demand: { maxStalenessMs: Infinity, guarantee: 'strong' } }),
      false,
    ],
  ] as const)('%s: %#', (_, found, answers) => {
    expect(answersOnError(found)).toBe(answers);
  });

  it('never answers when it is superseded, or older than any declared bound', () => {
    fc.assert(
      fc.property(someSituation, (found) => {
        fc.pre(answersOnError(found));
        const { policy, ageMs, superseded, demand } = found;
        expect(superseded).toBe(false);
        expect(ageMs).toBeLessThanOrEqual(demand.maxStalenessMs);
        const bound = Number.isFinite(policy.maxStalenessMs) ? policy.maxStalenessMs : 0;
        expect(ageMs).toBeLessThanOrEqual(Math.max(bound, policy.onErrorMs));
      }),
    );
  });
});
