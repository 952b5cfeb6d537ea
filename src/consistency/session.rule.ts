import { decideBounded } from './bounded.rule.js';
import { LOAD } from './decision.js';
import type { ReadDecision } from './decision.js';
import type { ReadSituation } from './read-situation.js';

/** What the caller's ticket says of the entry; `no-session` where no session is known, and so nothing of the caller. */
export type SessionVerdict = 'ok' | 'before-own-write' | 'behind-last-seen' | 'no-session';

export interface SessionSituation extends ReadSituation {
  readonly session: SessionVerdict;
}

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
export function decideSession(situation: SessionSituation): ReadDecision {
  const decision = decideBounded(situation);

  return decision.action === 'load' || situation.session === 'ok' ? decision : LOADS[situation.session];
}
