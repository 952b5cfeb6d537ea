import { everyOrder, repeat, someOrders } from './exploration.js';
import type { Exploration } from './exploration.js';
import type { Case } from './play.js';
import type { CaseReport, Share } from './report.js';
import { OVER_REDIS } from './world/instance.js';

interface Effort {
  /** So many orders are tried one after the other; where these are not all of them, a sample is tried as well. */
  readonly inTurn: number;
  readonly sampled: number;
}

/** Over Redis there are always too many. */
const EFFORTS: Readonly<Record<Share, { readonly inProcess: Effort; readonly overRedis: Effort }>> = {
  ci: { inProcess: { inTurn: 30, sampled: 10 }, overRedis: { inTurn: 0, sampled: 8 } },
  long: { inProcess: { inTurn: 2_000, sampled: 400 }, overRedis: { inTurn: 0, sampled: 800 } },
};

/** @param samples how many orders are drawn at random, in place of what the share says */
export async function runCase(played: Case, share: Share, seed: number, samples?: number): Promise<CaseReport> {
  const efforts = EFFORTS[share];
  const effort = OVER_REDIS.includes(played.adapters) ? efforts.overRedis : efforts.inProcess;
  const inTurn = await everyOrder(played.begin, effort.inTurn);
  if (inTurn.isComplete || inTurn.violations.length > 0) return reportOf(played, inTurn.isComplete, inTurn);
  const sampled = await someOrders(played.begin, { schedules: samples ?? effort.sampled, seed });

  return reportOf(played, false, {
    schedules: inTurn.schedules + sampled.schedules,
    violations: sampled.violations,
  });
}

/** Runs again what a violation names. */
export async function replayCase(played: Case, replay: string): Promise<CaseReport> {
  return reportOf(played, false, await repeat(played.begin, replay));
}

function reportOf(
  { id, play, level, adapters }: Case,
  exhaustive: boolean,
  { schedules, violations }: Exploration,
): CaseReport {
  return {
    name: play.name,
    level,
    adapters,
    schedules,
    exhaustive,
    violations: violations.map(({ what, replay, order }) => `${id}/${replay}: ${what}; after ${order}`),
  };
}
