import type { ReadOperation, WriteOperation } from './operation.js';

/** A write that was committed. */
export interface CommittedWrite extends WriteOperation {
  readonly version: number;
}

/** Everything that happened to one register. Before the first write it holds version 0. */
export interface RegisterRecord {
  readonly register: string;
  /** In the order of their commits: `commits[i]` made version `i + 1`. */
  readonly commits: readonly CommittedWrite[];
  readonly reads: readonly ReadOperation[];
  /** What left no commit. */
  readonly uncommitted: readonly WriteOperation[];
}

/** Why a register's history cannot be, and which of its reads shows it. */
export interface Accusation {
  readonly register: string;
  readonly fault: string;
  /** What was promised, and what was seen instead. */
  readonly story: string;
}

export function accuse(read: ReadOperation, fault: string, because: string): Accusation {
  const { register, version, by, session, begunNs, endedNs, outcome } = read;
  const whose = session === undefined ? '' : ` for session ${session}`;
  const story = `${by}${whose} read version ${version} of ${register} (${outcome}) in [${ms(begunNs)}, ${ms(endedNs)}]: ${because}`;

  return { register, fault, story };
}

export function ms(instantNs: number): string {
  return (instantNs / 1e6).toFixed(3);
}
