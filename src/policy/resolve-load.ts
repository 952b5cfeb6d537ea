import { resolveOriginOptions } from '../resilience/origin-options.js';
import type { ResolvedOrigin } from '../resilience/origin-options.js';
import { formatMs } from '../time/duration.js';
import type { LoadPolicy, NegativePolicy, RefreshPolicy, WarmUpPolicy } from './load-policy.js';
import { isOriginFailure } from './origin-failure.js';
import { POLICY_DEFAULTS } from './policy.defaults.js';
import type { ProblemReport } from './problem-report.js';
import type { ResolvedLoad, ResolvedNegative, ResolvedRefresh, ResolvedWarmUp } from './resolved-load.js';
import type { ResolvedTimes } from './resolve-times.js';

/** How the origin is called. @param origins the names that the module declares */
export function resolveLoad(
  report: ProblemReport,
  load: LoadPolicy,
  times: ResolvedTimes,
  origins: ReadonlySet<string>,
): ResolvedLoad {
  report.unknownOptions(load, LOAD_OPTIONS);
  report.functions(load, ['isFailure']);
  if (load.oncePer !== undefined) report.oneOf('load.oncePer', load.oncePer, ['cluster', 'process']);
  if (load.origin !== undefined && !origins.has(load.origin)) {
    report.add(
      'invalid-option',
      `load.origin names '${load.origin}', which the module does not declare`,
      `Declare it in the module's origins${origins.size === 0 ? '' : `, or name one of ${[...origins].join(', ')}`}`,
    );
  }
  const deadlineMs = limit(report, 'load.deadline', load.deadline);
  const softLimitMs = limit(report, 'load.softLimit', load.softLimit);
  if (softLimitMs !== Infinity) {
    needsSlack(report, 'load.softLimit', times);
    if (softLimitMs >= deadlineMs) {
      report.add(
        'contradiction',
        `load.softLimit (${formatMs(softLimitMs)}) is no shorter than load.deadline (${formatMs(deadlineMs)}), so it would never be reached`,
        'Lower softLimit, or raise deadline',
      );
    }
  }

  return {
    origin: load.origin,
    limits: limitsOf(report, load),
    deadlineMs,
    softLimitMs,
    slowAfterMs: limit(report, 'load.slowAfter', load.slowAfter),
    oncePer: load.oncePer ?? POLICY_DEFAULTS.oncePer,
    isFailure: typeof load.isFailure === 'function' ? answering(load.isFailure, true) : isOriginFailure,
  };
}

/** It is asked about an error that its callers get; one that throws has nothing to say, and must not take its place. */
function answering(judges: (error: unknown) => boolean, otherwise: boolean): (error: unknown) => boolean {
  return (error) => {
    try {
      return judges(error);
    } catch {
      return otherwise;
    }
  };
}

/** When entries are loaded anew before they have to be. */
export function resolveRefresh(report: ProblemReport, refresh: RefreshPolicy, times: ResolvedTimes): ResolvedRefresh {
  report.unknownOptions(refresh, REFRESH_OPTIONS);
  const { early = false, jitter = 0, whileStale = false } = refresh;
  const beta = early === true ? 1 : early === false ? 0 : early;
  if (typeof beta !== 'number' || !(beta >= 0 && beta < Infinity)) {
    report.add('invalid-option', `refresh.early is ${String(early)}`, 'Declare true, false, or a β such as 1.5');
  }
  if (typeof jitter !== 'number' || !(jitter >= 0 && jitter < 1)) {
    report.add('invalid-option', `refresh.jitter is ${String(jitter)}`, 'Declare a share of the ttl, such as 0.1');
  }
  if (typeof whileStale !== 'boolean') {
    report.add('invalid-option', `refresh.whileStale is ${String(whileStale)}`, 'Declare true or false');
  }
  if (whileStale) needsSlack(report, 'refresh.whileStale', times);

  return { beta, jitter, whileStale };
}

/** What says that there is nothing, and for how long. */
export function resolveNegative(
  report: ProblemReport,
  negative: NegativePolicy<never> | undefined,
  { maxStalenessMs }: ResolvedTimes,
): ResolvedNegative | undefined {
  if (negative === undefined) return undefined;
  report.unknownOptions(negative, NEGATIVE_OPTIONS);
  report.functions(negative, ['when', 'errors']);
  const ttlMs = report.duration('negative.ttl', negative.ttl) ?? 0;
  if (ttlMs === 0) {
    report.add('missing-declaration', 'negative has no ttl', "Declare how long nothing stays nothing: ttl: '10s'");
  }
  if (ttlMs > maxStalenessMs) {
    report.add(
      'contradiction',
      `negative.ttl (${formatMs(ttlMs)}) is longer than any value may be served (${formatMs(maxStalenessMs)})`,
      `Lower negative.ttl to ${formatMs(maxStalenessMs)}`,
    );
  }

  return {
    ttlMs,
    isNothing: (negative.when as ResolvedNegative['isNothing'] | undefined) ?? isAbsent,
    saysNothing: typeof negative.errors === 'function' ? answering(negative.errors, false) : never,
  };
}

/** What is loaded at the start. @param needsCaller nothing but the caller says whose entry it is */
export function resolveWarmUp(
  report: ProblemReport,
  warmUp: WarmUpPolicy<readonly unknown[]> | undefined,
  needsCaller: boolean,
): ResolvedWarmUp | undefined {
  if (warmUp === undefined) return undefined;
  if (needsCaller) {
    report.add(
      'contradiction',
      'warmUp loads entries before anybody asks for them, and only a caller could say whose they are',
      'Name them with userKey or tenantKey, or remove warmUp',
    );
  }
  report.unknownOptions(warmUp, WARM_UP_OPTIONS);
  if (typeof warmUp.calls !== 'function') {
    report.add(
      'missing-declaration',
      'warmUp does not say what to load',
      "Declare calls: () => [['first argument'], …]",
    );
  }
  const { concurrency = POLICY_DEFAULTS.warmUpConcurrency, keepWarm = false } = warmUp;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    report.add('invalid-option', `warmUp.concurrency is ${String(concurrency)}`, 'Declare a whole number above 0');
  }

  return {
    calls: warmUp.calls as ResolvedWarmUp['calls'],
    concurrency,
    readyWithinMs: report.duration('warmUp.readyWithin', warmUp.readyWithin) ?? 0,
    keepWarm,
  };
}

/** What serves an entry past its ttl must be allowed to serve it for a while. */
function needsSlack(report: ProblemReport, option: string, { ttlMs, maxStalenessMs }: ResolvedTimes): void {
  if (maxStalenessMs !== Infinity && ttlMs < maxStalenessMs) return;
  report.add(
    'contradiction',
    `${option} serves entries past their ttl and within max, and here nothing lies between the two`,
    `Declare a ttl shorter than the max of @StaleTolerance, or remove ${option}`,
  );
}

function limit(report: ProblemReport, option: string, value: LoadPolicy['deadline']): number {
  const ms = report.duration(option, value);
  if (ms === 0) report.add('invalid-option', `${option} is 0`, `Declare how long, such as ${option}: '1s'`);

  return ms ?? Infinity;
}

function limitsOf(report: ProblemReport, load: LoadPolicy): ResolvedOrigin | undefined {
  const { concurrency, queue, queueDeadline, breaker } = load;
  if ([concurrency, queue, queueDeadline, breaker].every((option) => option === undefined)) return undefined;
  const given = Object.fromEntries(
    Object.entries({ concurrency, queue, queueDeadline, breaker }).filter(([, value]) => value !== undefined),
  );
  const { resolved, problems } = resolveOriginOptions('load', given);
  for (const problem of problems) report.add('invalid-option', problem, 'See docs/reference/options.md#origins');

  return resolved;
}

function isAbsent(result: unknown): boolean {
  return result === undefined || result === null;
}

function never(): boolean {
  return false;
}

const LOAD_OPTIONS: Readonly<Record<keyof LoadPolicy, true>> = {
  origin: true,
  deadline: true,
  softLimit: true,
  slowAfter: true,
  oncePer: true,
  isFailure: true,
  concurrency: true,
  queue: true,
  queueDeadline: true,
  breaker: true,
};

const REFRESH_OPTIONS: Readonly<Record<keyof RefreshPolicy, true>> = { early: true, jitter: true, whileStale: true };

const NEGATIVE_OPTIONS: Readonly<Record<keyof NegativePolicy, true>> = { ttl: true, when: true, errors: true };

const WARM_UP_OPTIONS: Readonly<Record<keyof WarmUpPolicy, true>> = {
  calls: true,
  concurrency: true,
  readyWithin: true,
  keepWarm: true,
};
