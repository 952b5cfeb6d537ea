import { grouped } from '../history/grouped.js';
import { accuse, type Accusation, type RegisterRecord } from '../history/register-record.js';
import type { ReadOperation } from '../history/operation.js';

/** From its end on, a later read of the session must see this version or a later one. */
interface Floor {
  readonly endedNs: number;
  readonly version: number;
  readonly because: 'its own write' | 'an earlier read';
}

/**
 * Reads that see less than their session wrote or saw before. A write counts as soon as its caller had an answer, and with it a
 * ticket, whatever the answer was; one whose answer never came back is not in the session.
 */
export function wentBack({ commits, reads }: RegisterRecord): readonly Accusation[] {
  const inSessions = grouped(
    reads.filter(({ session, outcome }) => session !== undefined && outcome !== 'failed'),
    ({ session }) => session,
  );
  const written = grouped(commits, ({ session }) => session);

  return [...inSessions].flatMap(([session, own]) => {
    const floors: readonly Floor[] = [
      ...(written.get(session) ?? []).map(({ endedNs, version }) => ({
        endedNs,
        version,
        because: 'its own write' as const,
      })),
      ...own.map(({ endedNs, version }) => ({ endedNs, version, because: 'an earlier read' as const })),
    ].sort((a, b) => a.endedNs - b.endedNs);

    return belowFloor(
      own.toSorted((a, b) => a.begunNs - b.begunNs),
      floors,
    );
  });
}

/** @param reads by their beginning @param floors by their end */
function belowFloor(reads: readonly ReadOperation[], floors: readonly Floor[]): readonly Accusation[] {
  let passed = 0;
  let highest: Floor | undefined;

  return reads.flatMap((read) => {
    for (let next = floors[passed]; next !== undefined && next.endedNs < read.begunNs; next = floors[passed]) {
      if (highest === undefined || next.version > highest.version) highest = next;
      passed += 1;
    }
    if (highest === undefined || read.version >= highest.version) return [];

    return [accuse(read, 'went-back', `version ${highest.version} was known from ${highest.because}`)];
  });
}
