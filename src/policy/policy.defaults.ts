import type { ConsistencyLevel } from './consistency-level.js';

/** The one place where the default values of a policy stand. */
export const POLICY_DEFAULTS = {
  values: 'frozen',
  onMissingUser: 'bypass',
  when: 'after',
  oncePer: 'cluster',
  warmUpConcurrency: 4,
  /**
   * How long an entry is kept or counts as fresh, by level. `undefined`: nothing sensible can be assumed, so it must be
   * declared; the bounded levels take their tolerance's `max`.
   */
  ttlMs: {
    linearizable: 3_600_000,
    strong: 3_600_000,
    session: undefined,
    bounded: undefined,
    eventual: undefined,
    immutable: 86_400_000,
  } satisfies Record<ConsistencyLevel, number | undefined>,
} as const;
