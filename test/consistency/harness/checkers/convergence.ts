import { accuse, ms, type Accusation, type RegisterRecord } from '../history/register-record.js';
import { acknowledgedNs } from './version-limits.js';

/**
 * Reads after the last write that do not show it, or instances that were not asked: without their answers nothing has been shown.
 *
 * @param fromNs from when on everybody must have converged
 * @param isUnconfirmedExcused for levels that promise nothing about writes that nobody was told had succeeded
 */
export function notConverged(
  { register, commits, reads }: RegisterRecord,
  instances: readonly string[],
  fromNs: number,
  isUnconfirmedExcused: boolean,
): readonly Accusation[] {
  const expected = isUnconfirmedExcused
    ? commits.findLastIndex((write) => acknowledgedNs(write) < Infinity) + 1
    : commits.length;
  const late = reads.filter(({ begunNs, outcome }) => begunNs >= fromNs && outcome !== 'failed');
  const asked = new Set(late.map(({ by }) => by));
  const silent = instances.filter((instance) => !asked.has(instance));

  return [
    ...late
      .filter(({ version }) => version < expected)
      .map((read) => accuse(read, 'not-converged', `version ${expected} should be everywhere since ${ms(fromNs)}`)),
    ...silent.map((instance) => ({
      register,
      fault: 'not-asked',
      story: `${instance} was not asked for ${register} after ${ms(fromNs)}`,
    })),
  ];
}
