import { LOAD, SERVE } from './decision.js';
import type { ReadDecision } from './decision.js';
import type { ReadSituation } from './read-situation.js';

/**
 * An entry is valid as long as its versions are current and its ttl has not passed.
 *
 * For `strong` the versions are the promise and the ttl is retention (proof: docs/explanation/strong.md); for `eventual`
 * the ttl is the promise, counted from the as-of instant, and versions make it converge sooner; an `immutable` value
 * cannot be outdated at all, and an eviction only takes back what should not have been stored.
 */
export function decideVersioned({ policy, ageMs, superseded, ttlPassed }: ReadSituation): ReadDecision {
  if (superseded) return LOAD.superseded;
  // The entry may have been stored by a release that declared a longer ttl.
  if (ttlPassed || ageMs > policy.maxStalenessMs) return LOAD.ttlPassed;

  return SERVE;
}
