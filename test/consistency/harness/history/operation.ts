/** How a read was answered; `failed` when it was not. */
export type ReadOutcome = 'hit' | 'miss' | 'stale' | 'failed';

/** What its writer was told. `unconfirmed`: it is committed, and its eviction is not confirmed. */
export type WriteOutcome = 'acknowledged' | 'refused' | 'unconfirmed' | 'failed' | 'unknown';

/** All instants are of the machine's monotonic clock, which its processes share, in ns. */
interface Operation {
  readonly register: string;
  /** The instance that answered. */
  readonly by: string;
  /** Undefined outside of sessions. */
  readonly session: string | undefined;
  readonly begunNs: number;
}

export interface ReadOperation extends Operation {
  readonly endedNs: number;
  readonly outcome: ReadOutcome;
  /** The version that was read; of `immutable` the one that was asked for. */
  readonly version: number;
  /** What the value says of itself: the register's name, of `immutable` its writer's id; the error of a failed read. */
  readonly content: string;
}

export interface WriteOperation extends Operation {
  /** Drawn by the writer, and committed with the value. */
  readonly id: string;
  /** When the database had answered; `Infinity` when nobody heard it. */
  readonly committedNs: number;
  /** When its writer was told what came of it; `Infinity` when it never was. */
  readonly endedNs: number;
  readonly outcome: WriteOutcome;
}

/** The order of commits, which the database keeps itself: each write makes the next version of its register. */
export interface Commit {
  readonly register: string;
  readonly version: number;
  readonly id: string;
}

/** The clock of every history: nobody sets it, and all processes of a machine share it. */
export function nowNs(): number {
  return Number(process.hrtime.bigint());
}
