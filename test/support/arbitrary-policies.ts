import fc from 'fast-check';
import type { ReadSituation } from '../../src/consistency/read-situation.js';

/** Some length of time in ms, with the small ones and the boundaries more often than chance would have it. */
export const someMs: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 10_000_000 }),
  fc.double({ min: 0, max: 100_000, noNaN: true }),
);

const demand = fc.record({
  maxStalenessMs: fc.oneof(someMs, fc.constant(Infinity)),
  strong: fc.boolean(),
});

/** A policy as resolving would leave it, for the levels that can be served. */
const policy = fc
  .record({
    consistency: fc.constantFrom('strong' as const, 'bounded' as const, 'eventual' as const, 'immutable' as const),
    ttlMs: someMs,
    moreMs: someMs,
    onErrorMs: fc.oneof(fc.constant(0), someMs),
  })
  .map(({ consistency, ttlMs, moreMs, onErrorMs }): ReadSituation['policy'] => {
    const retained = consistency === 'strong' || consistency === 'immutable';

    return {
      consistency,
      ttlMs,
      maxStalenessMs: retained ? Infinity : consistency === 'bounded' ? ttlMs + moreMs : ttlMs,
      onErrorMs: retained ? 0 : onErrorMs,
    };
  });

/** What a read may find: `ttlPassed` follows from the age, as it does in an entry. */
export const someSituation: fc.Arbitrary<ReadSituation> = fc
  .record({
    policy,
    demand,
    superseded: fc.boolean(),
    ageMs: fc.oneof(
      someMs,
      someMs.map((ms) => -ms),
    ),
    nearBound: fc.boolean(),
    offsetMs: fc.integer({ min: -1, max: 1 }),
  })
  .map(({ policy: resolved, demand: asked, superseded, ageMs: any, nearBound, offsetMs }) => {
    const ageMs = nearBound ? resolved.ttlMs + offsetMs : any;

    return { policy: resolved, demand: asked, superseded, ageMs, ttlPassed: ageMs >= resolved.ttlMs };
  });
