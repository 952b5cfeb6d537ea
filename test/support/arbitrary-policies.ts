import fc from 'fast-check';
import type { ReadSituation, SessionVerdict } from '../../src/consistency/read-situation.js';
import type { ConsistencyLevel } from '../../src/policy/consistency-level.js';
import type { Guarantee } from '../../src/policy/demand.js';

/** Some length of time in ms, with the small ones and the boundaries more often than chance would have it. */
export const someMs: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 10_000_000 }),
  fc.double({ min: 0, max: 100_000, noNaN: true }),
);

export const someGuarantee = fc.constantFrom<Guarantee>('any', 'strong', 'linearizable');

const demand = fc.record({
  maxStalenessMs: fc.oneof(someMs, fc.constant(Infinity)),
  guarantee: someGuarantee,
});

/** Nothing is loaded anew before it has to be. */
export const NO_REFRESH = { beta: 0, jitter: 0, whileStale: false } as const;

const refresh = fc.record({
  beta: fc.constantFrom(0, 1, 4),
  jitter: fc.constantFrom(0, 0.2),
  whileStale: fc.boolean(),
});

/** A policy as resolving would leave it, for the levels that can be served. */
const policy = fc
  .record({
    consistency: fc.constantFrom<ConsistencyLevel>(
      'linearizable',
      'strong',
      'session',
      'bounded',
      'eventual',
      'immutable',
    ),
    ttlMs: someMs,
    moreMs: someMs,
    onErrorMs: fc.oneof(fc.constant(0), someMs),
    refresh,
  })
  .map(({ consistency, ttlMs, moreMs, onErrorMs, refresh: refreshed }): ReadSituation['policy'] => {
    const bounded = consistency === 'session' || consistency === 'bounded';
    const retained = consistency === 'linearizable' || consistency === 'strong' || consistency === 'immutable';

    return {
      consistency,
      ttlMs,
      maxStalenessMs: retained ? Infinity : bounded ? ttlMs + moreMs : ttlMs,
      onErrorMs: retained ? 0 : onErrorMs,
      // Where nothing lies between ttl and bound, resolving refuses it.
      refresh: { ...refreshed, whileStale: refreshed.whileStale && bounded && moreMs > 0 },
    };
  });

/** What a read may find: `ttlPassed` follows from the age, as it does in an entry. */
export const someSituation: fc.Arbitrary<ReadSituation> = fc
  .record({
    policy,
    demand,
    superseded: fc.boolean(),
    expiresEarly: fc.boolean(),
    session: fc.constantFrom<SessionVerdict>('ok', 'before-own-write', 'behind-last-seen', 'no-session'),
    ageMs: fc.oneof(
      someMs,
      someMs.map((ms) => -ms),
    ),
    nearBound: fc.boolean(),
    offsetMs: fc.integer({ min: -1, max: 1 }),
  })
  .map(
    ({
      policy: resolved,
      demand: asked,
      superseded,
      expiresEarly,
      session: verdict,
      ageMs: any,
      nearBound,
      offsetMs,
    }) => {
      const ageMs = nearBound ? resolved.ttlMs + offsetMs : any;

      // Only a policy that promises something to a session asks for the ticket.
      const session = resolved.consistency === 'session' ? verdict : 'ok';

      const ttlPassed = ageMs >= resolved.ttlMs;
      const entryTtlMs = resolved.ttlMs;
      return { policy: resolved, demand: asked, superseded, expiresEarly, session, ageMs, entryTtlMs, ttlPassed };
    },
  );
