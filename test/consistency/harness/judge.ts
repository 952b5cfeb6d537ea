import { notConverged } from './checkers/convergence.js';
import { checksOf } from './checkers/promises.js';
import { convergedAfterMs, stalenessOf } from './checkers/staleness.js';
import type { CacheUnderTest } from './caches.js';
import type { Accusation, RegisterRecord } from './history/register-record.js';
import type { LevelReport } from './report.js';

const STORIES = 5;

export interface Convergence {
  /** Those that were asked for everything at the end. */
  readonly instances: readonly string[];
  readonly fromNs: number;
}

export interface Verdict {
  readonly report: LevelReport;
  readonly convergedMs: number;
  readonly accusations: readonly Accusation[];
}

/** Holds the reads of one cache to what it promises. */
export function judge(cache: CacheUnderTest, records: readonly RegisterRecord[], convergence: Convergence): Verdict {
  const checks = checksOf(cache);
  const accusations = records.flatMap((record) => [
    ...checks.flatMap((check) => check(record)),
    ...convergenceFaults(cache, record, convergence),
  ]);
  const reads = records.flatMap((record) => record.reads);
  const answered = reads.filter(({ outcome }) => outcome !== 'failed');
  const writes = records.flatMap(({ commits, uncommitted }) => [...commits, ...uncommitted]);

  return {
    accusations,
    convergedMs: cache.level === 'immutable' ? 0 : round(Math.max(0, ...records.map(convergedAfterMs))),
    report: {
      level: cache.name,
      reads: answered.length,
      hits: answered.filter(({ outcome }) => outcome === 'hit').length,
      writes: writes.length,
      refusedWrites: writes.filter(({ outcome }) => outcome === 'refused').length,
      unconfirmedWrites: writes.filter(({ outcome }) => outcome !== 'acknowledged' && outcome !== 'refused').length,
      failedReads: reads.length - answered.length,
      violations: accusations.slice(0, STORIES).map(({ fault, story }) => `${fault}: ${story}`),
      violationCount: accusations.length,
      ...staleness(cache, records, answered.length),
      slowestReadMs: round(reads.reduce((slowest, read) => Math.max(slowest, (read.endedNs - read.begunNs) / 1e6), 0)),
    },
  };
}

/** A revision never changes, so there is nothing to converge to. */
function convergenceFaults(
  { level }: CacheUnderTest,
  record: RegisterRecord,
  { instances, fromNs }: Convergence,
): readonly Accusation[] {
  return level === 'immutable' ? [] : notConverged(record, instances, fromNs, level === 'strong');
}

function staleness(
  { level, boundMs }: CacheUnderTest,
  records: readonly RegisterRecord[],
  answered: number,
): Pick<LevelReport, 'staleReads' | 'stalePercent' | 'stalenessMs'> {
  // How long a revision has been superseded says nothing about who asks for it by its number.
  const sorted = level === 'immutable' ? [] : records.flatMap(stalenessOf).sort((a, b) => a - b);
  const quantile = (share: number) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const staleReads = sorted.length - (sorted.findLastIndex((ms) => ms === 0) + 1);
  const bound = boundMs === 0 ? {} : { bound: boundMs };

  return {
    staleReads,
    stalePercent: round((100 * staleReads) / Math.max(1, answered)),
    stalenessMs: { p50: quantile(0.5), p99: quantile(0.99), max: round(sorted.at(-1) ?? 0), ...bound },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;
