import type { CacheScope } from '../policy/cacheable-policy.js';

/** How a read was answered. */
export type Outcome = 'hit' | 'stale' | 'miss' | 'bypass' | 'refused';

/** One answered read, as a response may speak of it. */
export interface LoggedRead {
  readonly policy: string;
  readonly scope: CacheScope;
  readonly outcome: Outcome;
  /** Time since the value is known to have been current, in ms. */
  readonly ageMs: number;
  /** How much longer it counts as fresh, in ms; negative when it no longer does. */
  readonly freshForMs: number;
  /** `@NoCache`: the response may be stored nowhere. */
  readonly noStore: boolean;
}

/**
 * The reads that one response is made of: of those that are alike in all but their age, the oldest. A response may be a stream
 * that never ends.
 */
export class ReadLog {
  private readonly logged = new Map<string, LoggedRead>();

  get reads(): readonly LoggedRead[] {
    return [...this.logged.values()];
  }

  add(read: LoggedRead): void {
    const alike = `${read.outcome} ${read.scope} ${read.noStore} ${read.policy}`;
    const other = this.logged.get(alike);
    if (other === undefined || read.ageMs > other.ageMs) this.logged.set(alike, read);
  }
}
