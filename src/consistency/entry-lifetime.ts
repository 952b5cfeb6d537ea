import { LEVELS } from '../policy/consistency-level.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** When an entry stops being fresh, and when it stops being of any use. Absolute instants, in ms. */
export interface EntryLifetime {
  readonly freshUntilMs: number;
  /** Never later than any promise allows, whatever happens to the entry in between. */
  readonly deadlineMs: number;
}

/** What decides how long a loaded value lives. */
export interface LoadedAt {
  readonly asOfMs: number;
  readonly loadStartMs: number;
  /** The value says that there is nothing, as the policy's `negative` has it. */
  readonly isNothing: boolean;
  /** In [0, 1): how much of the policy's jitter falls on this entry. */
  readonly random: number;
}

/**
 * The lifetime of a value loaded under a policy.
 *
 * Counted from the as-of instant where age is the promise, so that neither the time a load takes, nor a value that was
 * already old when the load read it, stretches it. Jitter only shortens: no promise depends on luck.
 */
export function lifetimeOf(
  policy: Pick<ResolvedPolicy, 'consistency' | 'ttlMs' | 'maxStalenessMs' | 'onErrorMs' | 'refresh' | 'negative'>,
  { asOfMs, loadStartMs, isNothing, random }: LoadedAt,
): EntryLifetime {
  const negativeMs = isNothing ? policy.negative?.ttlMs : undefined;
  const ttlMs = Math.min(negativeMs ?? Infinity, policy.ttlMs) * (1 - policy.refresh.jitter * random);
  if (LEVELS[policy.consistency].ttl === 'retention') {
    const freshUntilMs = loadStartMs + ttlMs;
    return { freshUntilMs, deadlineMs: freshUntilMs };
  }

  const freshUntilMs = asOfMs + ttlMs;
  // That there is nothing is not worth keeping for the moment when the origin fails.
  const deadlineMs =
    negativeMs === undefined ? asOfMs + Math.max(policy.maxStalenessMs, policy.onErrorMs) : freshUntilMs;

  return { freshUntilMs, deadlineMs };
}
