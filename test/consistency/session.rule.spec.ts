import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideBounded } from '../../src/consistency/bounded.rule.js';
import type { ReadSituation } from '../../src/consistency/read-situation.js';
import { decideSession } from '../../src/consistency/session.rule.js';
import { NO_DEMAND } from '../../src/policy/demand.js';
import { NO_REFRESH, someSituation } from '../support/arbitrary-policies.js';

const FRESH: ReadSituation = {
  policy: { consistency: 'session', ttlMs: 5_000, maxStalenessMs: 5_000, onErrorMs: 0, refresh: NO_REFRESH },
  ageMs: 5_000,
  entryTtlMs: 5_000,
  ttlPassed: true,
  expiresEarly: false,
  superseded: false,
  demand: NO_DEMAND,
  session: 'ok',
};

it.each([
  ['ok', 'serve'],
  ['before-own-write', 'before-own-write'],
  ['behind-last-seen', 'behind-last-seen'],
  ['no-session', 'no-session'],
] as const)('an entry within its bound of which the ticket says %s: %s', (session, expected) => {
  const decision = decideSession({ ...FRESH, session });

  expect(decision.action === 'serve' ? 'serve' : decision.because).toBe(expected);
});

it('a ticket lets nothing pass that bounded refuses, and leaves the reason as it is', () => {
  fc.assert(
    fc.property(
      someSituation,
      fc.constantFrom('ok', 'before-own-write', 'behind-last-seen', 'no-session'),
      (situation, session) => {
        const bounded = decideBounded(situation);
        const decision = decideSession({ ...situation, session });
        if (bounded.action === 'load' || session === 'ok') expect(decision).toEqual(bounded);
        else expect(decision).toEqual({ action: 'load', because: session });
      },
    ),
  );
});
