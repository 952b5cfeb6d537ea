import { grouped } from './grouped.js';
import type { Commit, ReadOperation, WriteOperation } from './operation.js';
import type { CommittedWrite, RegisterRecord } from './register-record.js';

/** The history does not fit the database's own record of it, so nothing can be concluded from it. */
export class BrokenHistoryError extends Error {
  override readonly name = 'BrokenHistoryError';
}

/**
 * One record for each register.
 *
 * @param commits what the database says: it alone knows what became of a write whose writer was killed
 * @throws {BrokenHistoryError} when a version has no writer, or was committed before it, or one before it, began
 */
export function mergeHistory(
  reads: readonly ReadOperation[],
  writes: readonly WriteOperation[],
  commits: readonly Commit[],
): ReadonlyMap<string, RegisterRecord> {
  const committed = new Map(commits.map((commit) => [commit.id, commit]));
  const writesOf = grouped(writes, ({ register }) => register);
  const readsOf = grouped(reads, ({ register }) => register);
  const versionsOf = grouped(commits, ({ register }) => register);
  const registers = new Set([...writesOf.keys(), ...readsOf.keys(), ...versionsOf.keys()]);

  return new Map(
    [...registers].map((register) => {
      const own = writesOf.get(register) ?? [];
      const made = own.flatMap((write) => withVersion(write, committed.get(write.id)));
      made.sort((a, b) => a.version - b.version);
      assertWhole(register, made, versionsOf.get(register)?.length ?? 0);

      return [
        register,
        {
          register,
          commits: made,
          reads: readsOf.get(register) ?? [],
          uncommitted: own.filter(({ id }) => !committed.has(id)),
        },
      ];
    }),
  );
}

function withVersion(write: WriteOperation, commit: Commit | undefined): readonly CommittedWrite[] {
  return commit === undefined ? [] : [{ ...write, version: commit.version }];
}

function assertWhole(register: string, made: readonly CommittedWrite[], count: number): void {
  const gap = made.findIndex(({ version }, index) => version !== index + 1);
  if (gap !== -1 || made.length !== count) {
    throw new BrokenHistoryError(`${register} has ${count} versions in the database, and ${made.length} writers`);
  }
  let begunNs = -Infinity;
  for (const write of made) {
    begunNs = Math.max(begunNs, write.begunNs);
    if (write.committedNs < begunNs) throw new BrokenHistoryError(`${register}: ${write.id} was committed too early`);
  }
}
