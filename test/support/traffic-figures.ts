import type { OriginCall } from './counting-origin.js';
import type { Standstill } from './monotonic-clock.js';
import type { CallerTally, TrafficReport } from './traffic.js';

/** What several processes saw of one cache, together. */
export interface CacheTraffic {
  readonly begun: number;
  readonly answered: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly misses: number;
  readonly slowestMs: number;
  readonly worstStalenessMs: number;
}

export function trafficOf(cache: string, reports: readonly TrafficReport[]): CacheTraffic {
  const tallies = reports.flatMap(({ tallies: { [cache]: tally } }) => (tally === undefined ? [] : [tally]));
  const errors: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [code, times] of Object.entries(tally.errors)) errors[code] = (errors[code] ?? 0) + times;
  }
  const most = (figure: (tally: CallerTally) => number): number => Math.max(...tallies.map(figure));

  return {
    begun: sum(tallies.map(({ begun }) => begun)),
    answered: sum(tallies.flatMap(({ answers }) => Object.values(answers))),
    errors,
    misses: missesOf(cache, reports).length,
    slowestMs: most(({ slowestMs }) => slowestMs),
    worstStalenessMs: most(({ worstStalenessMs }) => worstStalenessMs),
  };
}

/** The misses for which no standstill of any process, and what it delayed, can be blamed. */
export function missesWithoutStandstill(
  cache: string,
  reports: readonly TrafficReport[],
  standstills: readonly Standstill[],
  delaysMs: number,
): readonly number[] {
  const all = [...standstills, ...reports.flatMap((report) => report.standstills)];
  const isExcused = (atMs: number): boolean =>
    all.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs + delaysMs);

  return missesOf(cache, reports).filter((atMs) => !isExcused(atMs));
}

/** The most calls that began within some so many ms. */
export function busiest(calls: readonly OriginCall[], withinMs: number): number {
  const begun = calls.map(({ beganMs }) => beganMs).sort((a, b) => a - b);

  return Math.max(...begun.map((fromMs) => begun.filter((at) => at >= fromMs && at < fromMs + withinMs).length));
}

/** Prints what a test measured, with LOAD_FIGURES=1: that no bound was broken says little without how often it was tried. */
export function tellFigures(title: string, figures: Readonly<Record<string, unknown>>): void {
  if (process.env.LOAD_FIGURES !== undefined) process.stderr.write(`${title}: ${JSON.stringify(figures)}\n`);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function missesOf(cache: string, reports: readonly TrafficReport[]): readonly number[] {
  return reports.flatMap(({ missedAtMs: { [cache]: at = [] } }) => at);
}
