import type { CacheName } from './caches.js';

/** How long what was read had been superseded by an acknowledged write when the read began. */
export interface StalenessReport {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** What the cache declares; absent where its level is not about time. */
  readonly bound?: number;
}

export interface LevelReport {
  /** The cache; `user` is strong in a user's scope, `imported` is bounded and written past the cache. */
  readonly level: CacheName;
  readonly reads: number;
  readonly hits: number;
  readonly writes: number;
  readonly refusedWrites: number;
  /** Committed or not, their callers were told of no success. */
  readonly unconfirmedWrites: number;
  readonly failedReads: number;
  /** Reads that began after a later version was acknowledged: what strong forbids, and looser levels allow within their bounds. */
  readonly staleReads: number;
  readonly stalePercent: number;
  /** The first few. */
  readonly violations: readonly string[];
  readonly violationCount: number;
  readonly stalenessMs: StalenessReport;
  readonly slowestReadMs: number;
}

export interface FaultReport {
  readonly fault: string;
  readonly seconds: number;
  /** How often it happened. */
  readonly times: number;
  /** What the caches said of it: events that nobody sees on a good day, of the instances that were there at the end. */
  readonly troubles: Readonly<Record<string, number>>;
  readonly levels: readonly LevelReport[];
  /** How long after the last acknowledged write of a register somebody was still shown an older version, at the most. */
  readonly convergedMs: number;
  /** Instances that ended although nobody had asked them to. */
  readonly crashes: readonly string[];
}

export interface HarnessReport {
  readonly part: 'harness';
  readonly share: string;
  readonly seed: number;
  readonly instances: number;
  /** The library that was measured instead of this one. */
  readonly peer?: string;
  readonly faults: readonly FaultReport[];
  /** What is not made to happen, and why: nothing is promised for it. */
  readonly notCovered: Readonly<Record<string, string>>;
  readonly operations: number;
  readonly seconds: number;
}

export function hasViolations({ faults }: HarnessReport): boolean {
  return faults.some(
    ({ levels, crashes }) => crashes.length > 0 || levels.some(({ violationCount }) => violationCount > 0),
  );
}
