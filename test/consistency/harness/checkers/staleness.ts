import type { RegisterRecord } from '../history/register-record.js';
import { acknowledgedNs, at, latest } from './version-limits.js';

/** For each read, how long a later version had been acknowledged when it began, in ms; 0 when none had. */
export function stalenessOf({ commits, reads }: RegisterRecord): readonly number[] {
  const acknowledged = latest(commits, acknowledgedNs);

  return reads.flatMap(({ outcome, version, begunNs }) => {
    if (outcome === 'failed' || version > commits.length) return [];

    return [Math.max(0, (begunNs - at(acknowledged, version + 1)) / 1e6)];
  });
}

/** How long after the last acknowledged write anybody was still answered with an older version, in ms. */
export function convergedAfterMs({ commits, reads }: RegisterRecord): number {
  const last = commits.findLastIndex((write) => acknowledgedNs(write) < Infinity) + 1;
  const write = commits[last - 1];
  if (write === undefined) return 0;

  const behind = reads.filter(({ version, outcome }) => outcome !== 'failed' && version < last);
  return behind.reduce((latestMs, { begunNs }) => Math.max(latestMs, (begunNs - write.endedNs) / 1e6), 0);
}
