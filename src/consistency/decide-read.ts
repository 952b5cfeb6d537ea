import type { ConsistencyLevel } from '../policy/consistency-level.js';
import { decideBounded } from './bounded.rule.js';
import { LOAD, SERVE, SERVE_AND_REFRESH } from './decision.js';
import type { ReadDecision } from './decision.js';
import { gives } from '../policy/demand.js';
import type { ReadSituation } from './read-situation.js';
import { decideSession } from './session.rule.js';
import { decideVersioned } from './versioned.rule.js';

const RULES: Readonly<Record<ConsistencyLevel, (situation: ReadSituation) => ReadDecision>> = {
  linearizable: decideVersioned,
  strong: decideVersioned,
  session: decideSession,
  bounded: decideBounded,
  eventual: decideVersioned,
  immutable: decideVersioned,
};

/** Whether a found entry may answer this read: the level's rule, tightened by what the callers above ask. */
export function decideRead(situation: ReadSituation): ReadDecision {
  // An as-of instant in the future was measured by another clock, so the age says nothing; neither does NaN.
  if (!(situation.ageMs >= 0)) return LOAD.fromTheFuture;

  const decision = RULES[situation.policy.consistency](situation);
  if (decision.action === 'load') return decision;
  const demanded = decideDemand(situation);
  if (demanded.action === 'load') return demanded;

  return decision.action === 'serve' && situation.expiresEarly ? SERVE_AND_REFRESH.expiresEarly : decision;
}

/**
 * Whether a value that its own level would serve is good enough for the callers above.
 *
 * A strong entry is held to a demanded age as well: between a commit and its eviction it may lag, for as long as the
 * writer takes, and a demand bounds exactly that. Only a value that cannot change satisfies every demand.
 */
function decideDemand({ policy, demand, ageMs }: ReadSituation): ReadDecision {
  if (policy.consistency === 'immutable') return SERVE;
  if (!gives(policy.consistency, demand.guarantee)) return LOAD.demandOfStrongerLevel;
  // `max: 0` asks for the origin, also within the millisecond in which an entry was loaded.
  if (demand.maxStalenessMs === 0 || ageMs > demand.maxStalenessMs) return LOAD.demandExceeded;

  return SERVE;
}

/**
 * Whether an entry past its ttl may answer while it is being loaded anew: within its bound, as if it said `whileStale`.
 */
export function answersWhileLoading(situation: ReadSituation): boolean {
  const { policy } = situation;
  const patient = { ...situation, policy: { ...policy, refresh: { ...policy.refresh, whileStale: true } } };

  return decideRead(patient).action !== 'load';
}

/**
 * Whether a value that may no longer be served still answers when the origin has failed.
 *
 * An evicted value never does: it is known to be wrong, not merely old. The demand of the callers above holds as ever.
 */
export function answersOnError({ policy, demand, ageMs, superseded, session }: ReadSituation): boolean {
  if (superseded || !(ageMs >= 0) || demand.guarantee !== 'any' || session !== 'ok') return false;

  return (
    ageMs <= Math.max(policy.maxStalenessMs === Infinity ? 0 : policy.maxStalenessMs, policy.onErrorMs) &&
    ageMs <= demand.maxStalenessMs &&
    demand.maxStalenessMs > 0
  );
}
