import { ProblemReport } from './problem-report.js';
import type { Resolution } from './problem-report.js';
import type { NoCachePolicy, StaleTolerancePolicy } from './stale-tolerance.js';

/** A tolerance on a method that is not cached: what it demands of the cached reads below. */
export function resolveTightening(tolerance: StaleTolerancePolicy, place: string): Resolution<number> {
  const report = new ProblemReport(place);
  report.unknownOptions(tolerance, TOLERANCE_OPTIONS);
  report.reason('@StaleTolerance', tolerance.because);
  const maxMs = report.duration('max', tolerance.max);
  if (maxMs === undefined) {
    report.add(
      'missing-declaration',
      'a tolerance on a method that is not cached tightens the reads below it, and needs max',
      "Declare max, such as max: 0 or max: '1s'",
    );
  }
  if (tolerance.onError !== undefined) {
    report.add(
      'contradiction',
      'onError belongs to a cached method; a caller can only ask for less staleness',
      'Remove onError, or move it to the @Cacheable method',
    );
  }

  return report.conclude(maxMs ?? 0);
}

/** `@NoCache` says why. */
export function resolveNoCache(policy: NoCachePolicy, place: string): Resolution<NoCachePolicy> {
  const report = new ProblemReport(place);
  report.unknownOptions(policy, NO_CACHE_OPTIONS);
  report.reason('@NoCache', policy.because);

  return report.conclude(policy);
}

/** Every option of `@StaleTolerance`, wherever it stands. */
export const TOLERANCE_OPTIONS: Readonly<Record<keyof StaleTolerancePolicy, true>> = {
  max: true,
  onError: true,
  because: true,
};

const NO_CACHE_OPTIONS: Readonly<Record<keyof NoCachePolicy, true>> = { because: true };
