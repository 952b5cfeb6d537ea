import type { CallScope } from '../context/call-scope.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import { gives } from '../policy/demand.js';
import { fullKeyOf } from '../storage/entry-store.js';
import type { Invocation } from './invocation.js';
import type { LoadOutcome } from './origin-loader.js';

/*
 * Whom the outcome of a load answers: decisions alone, for `shared-loads.ts`.
 */

/** A leader that lives renews its lease, so this is for one whose load never ends. */
const LONGEST_PATIENCE_MS = 30_000;

/** Whether an outcome is not its own caller's alone, and is made of one state. */
export function isShareable(outcome: LoadOutcome): outcome is LoadOutcome & { readonly snapshot: VersionSnapshot } {
  return isAnybodys(outcome) && outcome.snapshot !== undefined && outcome.taint === undefined;
}

/** Whether it is what the key says, and can be handed to more than one. */
export function isAnybodys(outcome: LoadOutcome): boolean {
  return outcome.unchanged && (outcome.failed || outcome.entry !== undefined);
}

/** An error that the policy declares to last, of which everybody may be told. */
export function isLasting({ policy }: Invocation, outcome: LoadOutcome): boolean {
  return outcome.failed && isShareable(outcome) && policy.negative?.saysNothing(outcome.error) === true;
}

/**
 * How far back the as-of instant of a joined load may lie for this caller.
 *
 * Nothing that began before the caller came will do when it asks for the origin (`max: 0`), when it builds a strong value on
 * a level that may miss an acknowledged write, or when nothing is known of what it has seen before.
 */
export function earliestAsOf(
  { policy }: Invocation,
  { demand, session }: CallScope,
  answersSomebody: boolean,
  nowMs: number,
): number {
  if (policy.consistency === 'immutable') return -Infinity;
  if (policy.consistency === 'session' && session === undefined && answersSomebody) return Infinity;
  if (demand.maxStalenessMs === 0 || !gives(policy.consistency, demand.guarantee)) return Infinity;

  return nowMs - Math.min(policy.maxStalenessMs, demand.maxStalenessMs);
}

/** Of no entry, so that it is never the one that was seen last. */
const NO_NONCE = '';

/** Whatever a load came to, its error too, is judged as an entry of it would be. */
export function sessionAccepts(call: Invocation, { session }: CallScope): (outcome: LoadOutcome) => boolean {
  if (call.policy.consistency !== 'session' || session === undefined) return () => true;
  const key = fullKeyOf(call);

  return (outcome) => {
    const { asOfMs, snapshot } = outcome;
    if (snapshot === undefined) return false;
    const nonce = outcome.failed ? outcome.nonce : (outcome.entry?.nonce ?? NO_NONCE);

    return session.current().accepts({ key, nonce, asOfMs, snapshot }, outcome.session === session) === 'ok';
  };
}

/** How long a load waits for the one that another process runs. One that has died is not waited for beyond its lease. */
export function patienceOf({ policy }: Invocation, { demand, trace }: CallScope): number {
  // A load within another holds a lease itself: two processes could each wait for what the other is loading.
  if (trace !== undefined && trace.flightIds().length > 0) return 0;

  // What has been loading for longer than this caller accepts would be no answer to it.
  return Math.min(policy.load.deadlineMs, demand.maxStalenessMs, LONGEST_PATIENCE_MS);
}

/** Another process's entry as the outcome of the load that was not needed. */
export function loadedElsewhere(entry: CacheEntry): LoadOutcome {
  const { asOfMs, snapshot, sealed } = entry;

  return {
    failed: false,
    value: sealed.value,
    entry,
    stored: true,
    asOfMs,
    snapshot,
    taint: undefined,
    unchanged: true,
    session: undefined,
  };
}
