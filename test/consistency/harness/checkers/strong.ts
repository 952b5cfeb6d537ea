import { accuse, ms, type Accusation, type RegisterRecord } from '../history/register-record.js';
import { fromNowhere } from './was-current.js';
import { acknowledgedNs, at, earliest, latest } from './version-limits.js';

/** Reads that began after a later version was acknowledged to its writer. Each is judged by itself, so nothing is left open. */
export function missedAcknowledged(record: RegisterRecord): readonly Accusation[] {
  const earliestNs = earliest(record.commits);
  const acknowledged = latest(record.commits, acknowledgedNs);

  return record.reads.flatMap((read) => {
    if (read.outcome === 'failed') return [];
    const fault = fromNowhere(read, earliestNs);
    if (fault !== undefined) return [fault];

    const missedNs = at(acknowledged, read.version + 1);
    return read.begunNs > missedNs
      ? [accuse(read, 'missed-acknowledged', `a later version was acknowledged at ${ms(missedNs)}`)]
      : [];
  });
}
