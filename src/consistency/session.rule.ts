import { decideBounded } from './bounded.rule.js';
import { LOAD } from './decision.js';
import type { ReadDecision } from './decision.js';
import type { ReadSituation, SessionVerdict } from './read-situation.js';

const LOADS: Readonly<Record<Exclude<SessionVerdict, 'ok'>, ReadDecision>> = {
  'before-own-write': LOAD.beforeOwnWrite,
  'behind-last-seen': LOAD.behindLastSeen,
  'no-session': LOAD.noSession,
};

/**
 * As bounded, and then only what shows the caller all that it wrote, and nothing older than what it has seen.
 *
 * The versions cannot say so. They are the same for every caller, a process may know them late, and two values loaded
 * under the same version can differ: a load before a commit and one after it both come before the eviction.
 */
export function decideSession(situation: ReadSituation): ReadDecision {
  const decision = decideBounded(situation);

  return decision.action === 'load' || situation.session === 'ok' ? decision : LOADS[situation.session];
}
