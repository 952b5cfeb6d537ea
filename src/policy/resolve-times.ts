import { formatMs } from '../time/duration.js';
import type { Duration } from '../time/duration.js';
import { LEVELS } from './consistency-level.js';
import type { ConsistencyLevel } from './consistency-level.js';
import { POLICY_DEFAULTS } from './policy.defaults.js';
import type { ProblemReport } from './problem-report.js';
import { TOLERANCE_OPTIONS } from './resolve-tolerance.js';
import type { ResolvedPolicy } from './resolved-policy.js';
import type { StaleTolerancePolicy } from './stale-tolerance.js';

export type ResolvedTimes = Pick<ResolvedPolicy, 'ttlMs' | 'maxStalenessMs' | 'onErrorMs'>;

/** What stands where no level says what the times mean. Such a declaration has problems and is never served from. */
export const NO_TIMES: ResolvedTimes = { ttlMs: 0, maxStalenessMs: 0, onErrorMs: 0 };

/** Reads ttl and tolerance as the level understands them, and reports where they contradict it or each other. */
export function resolveTimes(
  report: ProblemReport,
  level: ConsistencyLevel,
  ttl: Duration | undefined,
  levelTtl: Duration | undefined,
  tolerance: StaleTolerancePolicy | undefined,
): ResolvedTimes {
  const traits = LEVELS[level];
  if (tolerance !== undefined) {
    report.unknownOptions(tolerance, TOLERANCE_OPTIONS);
    report.reason('@StaleTolerance', tolerance.because);
  }
  const maxMs = report.duration('max', tolerance?.max);
  const onErrorMs = report.duration('onError', tolerance?.onError);
  const ttlMs =
    report.duration('ttl', ttl) ??
    cappedBy(maxMs, report.duration('ttl', levelTtl)) ??
    POLICY_DEFAULTS.ttlMs[level] ??
    maxMs;
  const maxStalenessMs = traits.ttl === 'retention' ? Infinity : (maxMs ?? ttlMs ?? 0);

  if (traits.tolerance === 'forbidden' && ((maxMs ?? 0) > 0 || onErrorMs !== undefined)) {
    report.add(
      'contradiction',
      `@StaleTolerance allows stale values, but ${level} promises that ${traits.promise}`,
      `Remove @StaleTolerance, or declare consistency: 'bounded'`,
    );
  }
  if (traits.tolerance === 'required' && maxMs === undefined) {
    report.add(
      'missing-declaration',
      `${level} needs its bound: how stale may the value be?`,
      `Add @StaleTolerance({ max: '5s', because: '…' }) to the method`,
    );
  }
  if (traits.tolerance === 'required' && maxMs === 0) {
    report.add(
      'contradiction',
      `${level} with max: 0 could never serve an entry`,
      "Declare the bound that is acceptable, or consistency: 'strong'",
    );
  }
  if (traits.tolerance === 'on-error-only' && maxMs !== undefined) {
    report.add(
      'contradiction',
      `${level} is bounded by its ttl, so @StaleTolerance max has no meaning on it`,
      "Remove max and declare ttl, or declare consistency: 'bounded'",
    );
  }
  if (ttlMs === undefined && traits.tolerance !== 'required') {
    report.add('missing-declaration', `${level} needs a ttl`, "Declare how old a value may be, such as ttl: '5m'");
  }
  if (ttlMs === 0) {
    report.add(
      'contradiction',
      'ttl is 0, so nothing would ever be served',
      'Declare a longer ttl, or remove @Cacheable',
    );
  }
  if (traits.ttl === 'freshness' && ttlMs !== undefined && maxMs !== undefined && ttlMs > maxMs && maxMs > 0) {
    report.add(
      'contradiction',
      `ttl (${formatMs(ttlMs)}) is longer than max (${formatMs(maxMs)}), so an entry would count as fresh while it may not be served`,
      `Lower ttl to ${formatMs(maxMs)}, or raise max`,
    );
  }
  if (traits.ttl === 'freshness' && onErrorMs !== undefined && onErrorMs <= maxStalenessMs) {
    report.add(
      'contradiction',
      `onError (${formatMs(onErrorMs)}) allows no more than ${formatMs(maxStalenessMs)}, which the level allows anyway`,
      'Raise onError, or remove it',
    );
  }

  return { ttlMs: ttlMs ?? 0, maxStalenessMs, onErrorMs: onErrorMs ?? 0 };
}

/** A module-wide ttl must not contradict a policy's own, tighter bound. */
function cappedBy(maxMs: number | undefined, ttlMs: number | undefined): number | undefined {
  return ttlMs === undefined || maxMs === undefined ? ttlMs : Math.min(ttlMs, maxMs);
}
