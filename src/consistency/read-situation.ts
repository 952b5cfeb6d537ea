import type { Demand } from '../policy/demand.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** All that a decision about a found entry may look at. */
export interface ReadSituation {
  readonly policy: Pick<ResolvedPolicy, 'consistency' | 'ttlMs' | 'maxStalenessMs' | 'onErrorMs' | 'refresh'>;
  /** Time since the instant at which the value is known to have been current. */
  readonly ageMs: number;
  /** How long the entry counts as fresh: the policy's ttl, or less. */
  readonly entryTtlMs: number;
  /** It does not any more. */
  readonly ttlPassed: boolean;
  /** Early refresh has drawn this read to load the entry anew while it still answers. */
  readonly expiresEarly: boolean;
  /** A version that the entry was loaded under has been replaced since, or is unknown. */
  readonly superseded: boolean;
  /** What the callers above ask, beyond the policy. */
  readonly demand: Demand;
  /** What the caller's ticket says of the entry, where the policy promises something to a session. */
  readonly session: SessionVerdict;
}

/** `no-session` where no session is known, and so nothing of the caller. */
export type SessionVerdict = 'ok' | 'before-own-write' | 'behind-last-seen' | 'no-session';
