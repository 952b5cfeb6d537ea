import { accuse, ms, type Accusation, type RegisterRecord } from '../history/register-record.js';
import type { ReadOperation } from '../history/operation.js';
import { at, earliest, latestSeen } from './version-limits.js';

/**
 * Reads of a version that was current at no instant of [begun − tolerance, ended].
 *
 * With no tolerance this is linearizability, and exactly that: the order of the writes is known, so all that is open are the
 * instants c₁ ≤ c₂ ≤ … of the commits. A write confines its own to [begun, committed]; a read of version v needs c(v) ≤ ended and
 * c(v+1) ≥ begun. These are limits on single instants, so they can be met together if and only if no lower limit of an earlier
 * commit is above an upper limit of a later one, which one pass over each side finds out. With a tolerance Δ it is Δ-atomicity
 * (Golab, Li, Shah, "Analyzing Consistency Properties for Fun and Profit", PODC 2011).
 *
 * A commit is limited by when the database answered its writer, and not by when its caller was told: the promise is about what
 * was current at the origin. So a write under way counts from the moment at which anybody saw it.
 */
export function notCurrent(record: RegisterRecord, toleranceMs: number): readonly Accusation[] {
  const earliestNs = earliest(record.commits);
  const latestNs = latestSeen(record, earliestNs);

  return record.reads.flatMap((read) => {
    if (read.outcome === 'failed') return [];
    const fault = fromNowhere(read, earliestNs);
    if (fault !== undefined) return [fault];

    const goneNs = at(latestNs, read.version + 1);
    const sinceNs = read.begunNs - toleranceMs * 1e6;
    return sinceNs > goneNs ? [accuse(read, 'not-current', goneStory(goneNs, read, toleranceMs))] : [];
  });
}

/** What cannot have been read from anywhere: there is no such version, or nobody had begun to write it. */
export function fromNowhere(read: ReadOperation, earliestNs: Float64Array): Accusation | undefined {
  if (read.version >= earliestNs.length) return accuse(read, 'from-nowhere', 'nobody wrote that version');
  const begunNs = at(earliestNs, read.version);

  return begunNs > read.endedNs ? accuse(read, 'from-nowhere', `it was written from ${ms(begunNs)} on`) : undefined;
}

function goneStory(goneNs: number, { begunNs }: ReadOperation, toleranceMs: number): string {
  const behind = `${ms(begunNs - goneNs)} ms before`;

  return `a later version was there by ${ms(goneNs)}, ${behind}${toleranceMs === 0 ? '' : `, and ${toleranceMs} ms are allowed`}`;
}
