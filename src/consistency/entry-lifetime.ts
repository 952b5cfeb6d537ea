import { LEVELS } from '../policy/consistency-level.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** When an entry stops being fresh, and when it stops being of any use. Absolute instants, in ms. */
export interface EntryLifetime {
  readonly freshUntilMs: number;
  /** Never later than any promise allows, whatever happens to the entry in between. */
  readonly deadlineMs: number;
}

/**
 * The lifetime of a value loaded under a policy.
 *
 * Counted from the as-of instant where age is the promise, so that neither the time a load takes, nor a value that was
 * already old when the load read it, stretches it.
 */
export function lifetimeOf(
  policy: Pick<ResolvedPolicy, 'consistency' | 'ttlMs' | 'maxStalenessMs' | 'onErrorMs'>,
  { asOfMs, loadStartMs }: { readonly asOfMs: number; readonly loadStartMs: number },
): EntryLifetime {
  if (LEVELS[policy.consistency].ttl === 'retention') {
    const freshUntilMs = loadStartMs + policy.ttlMs;
    return { freshUntilMs, deadlineMs: freshUntilMs };
  }

  return {
    freshUntilMs: asOfMs + policy.ttlMs,
    deadlineMs: asOfMs + Math.max(policy.maxStalenessMs, policy.onErrorMs),
  };
}
