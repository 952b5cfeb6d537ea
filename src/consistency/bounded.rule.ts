import { LOAD, SERVE, SERVE_AND_REFRESH } from './decision.js';
import type { ReadDecision } from './decision.js';
import type { ReadSituation } from './read-situation.js';

/**
 * The value was current at `now - age`, so serving it keeps the bound iff `age <= max`.
 *
 * Versions are checked as well: they shorten staleness where evictions are known, and the bound holds without them.
 */
export function decideBounded({ policy, ageMs, entryTtlMs, superseded, ttlPassed }: ReadSituation): ReadDecision {
  if (superseded) return LOAD.superseded;
  if (ageMs > policy.maxStalenessMs) return LOAD.boundExceeded;
  // With a ttl of its own an entry is loaded anew earlier; otherwise ttl and max are one, and at the bound it is still served.
  if (ttlPassed && entryTtlMs < policy.maxStalenessMs) {
    return policy.refresh.whileStale ? SERVE_AND_REFRESH.staleWithinBound : LOAD.ttlPassed;
  }

  return SERVE;
}
