import type { Fault, VersionedSetup } from './setup.js';

/*
 * What the model of DESIGN §4 and §5 consists of.
 *
 * Abstractions: one cached call with one entry, whose value is the number of commits that its load has seen. Versions are
 * numbers, `epoch * 1000 + n`, compared for equality and for their epoch only. There is no time: a lease, a grace and a lag end
 * by steps that are possible as soon as the assumption about time behind them allows. A step is one command that reaches the
 * store, one statement that reaches the source, or an instant of one process; everything between is worked out within it.
 */

export interface Entry {
  readonly value: number;
  readonly versions: readonly number[];
}

/** What the store keeps. */
export interface Kept {
  /** By tag; 0 for none. */
  readonly versions: readonly number[];
  /** By tag, the writers (a bit each) whose announcement is there. */
  readonly intents: readonly number[];
  readonly entry: Entry | undefined;
}

export interface Node {
  readonly epoch: number;
  /** What it does not say about announcements is not believed yet. */
  readonly inGrace: boolean;
}

/** A command that its sender no longer waits for. */
export type LateCommand =
  | { readonly puts: 'version'; readonly tag: number; readonly version: number }
  | { readonly puts: 'entry'; readonly entry: Entry };

export interface Process {
  readonly isAlive: boolean;
  /** By tag, the number of the debt; 0 for none. */
  readonly owed: readonly number[];
  readonly lastDebt: number;
  readonly copy: Entry | undefined;
  /** The latest value whose eviction failed, as its writer here was told. */
  readonly told: number;
}

export type ReaderPhase =
  | 'idle'
  | 'in transaction'
  | 'checking the copy'
  | 'looking'
  | 'minting'
  | 'reading back'
  | 'looking for announcements'
  | 'about to load'
  | 'loading'
  | 'joined'
  /** Runs a load that stores nothing. */
  | 'sharing'
  /** Is answered by the running one of these. */
  | 'shared'
  /** Is answered by the next one. */
  | 'waiting';

export interface Reader {
  readonly left: number;
  readonly phase: ReaderPhase;
  /** The least that this read must show. */
  readonly mustSee: number;
  /** Undefined while it has not been asked for. */
  readonly found: Entry | 'absent' | undefined;
  /** By tag; -1 not asked for yet, 0 missing. */
  readonly versions: readonly number[];
  /** The tag whose version is minted, or whose announcements are looked for. */
  readonly tag: number;
  readonly written: number;
  /** What is there is of another epoch and may be overwritten. */
  readonly isForced: boolean;
  /** The last debt of the process when minting began. */
  readonly mark: number;
  readonly isAnnounced: boolean;
  readonly value: number;
}

export interface Writer {
  /** The step of its program that comes next. */
  readonly at: number;
  readonly written: number;
  readonly mark: number;
  /** The number of its commit; 0 before. */
  readonly value: number;
  /** By tag, the epoch in which it was announced. */
  readonly epochs: readonly number[];
  readonly outcome: 'running' | 'refused' | 'failed' | 'dead' | 'over';
  /** Its statement may still commit, although nobody waits for it. */
  readonly isInFlight: boolean;
}

export interface State {
  readonly commits: number;
  readonly acknowledged: number;
  /** The commits that were followed by an eviction which has reached the store. */
  readonly evicted: number;
  readonly replica: number;
  readonly kept: Kept;
  readonly nodes: readonly Node[];
  readonly lastEpoch: number;
  /** The epoch of the master before this one; -1 for none. */
  readonly formerEpoch: number;
  readonly replicated: Kept | undefined;
  readonly late: readonly LateCommand[];
  readonly processes: readonly Process[];
  readonly readers: readonly Reader[];
  readonly writers: readonly Writer[];
  /** How many of each fault are left. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly lastVersion: number;
  readonly wrong: string | undefined;
}

export function initialState(setup: VersionedSetup): State {
  const none = Array.from({ length: setup.tags }, () => 0);
  const process: Process = { isAlive: true, owed: none, lastDebt: 0, copy: undefined, told: 0 };
  const writer: Writer = {
    at: 0,
    written: 0,
    mark: 0,
    value: 0,
    epochs: none,
    outcome: 'running',
    isInFlight: false,
  };

  return {
    commits: 0,
    acknowledged: 0,
    evicted: 0,
    replica: 0,
    kept: { versions: none, intents: none, entry: undefined },
    nodes: Array.from({ length: setup.cluster ? setup.tags : 1 }, () => ({ epoch: 0, inGrace: false })),
    lastEpoch: 0,
    formerEpoch: -1,
    replicated: undefined,
    late: [],
    processes: Array.from({ length: setup.processes }, () => process),
    readers: setup.readers.map(({ reads }) => idleReader(setup.tags, reads)),
    writers: setup.writers.map(() => writer),
    faults: setup.faults,
    lastVersion: 0,
    wrong: undefined,
  };
}

export function idleReader(tags: number, left: number): Reader {
  return {
    left,
    phase: 'idle',
    mustSee: 0,
    found: undefined,
    versions: Array.from({ length: tags }, () => -1),
    tag: 0,
    written: 0,
    isForced: false,
    mark: 0,
    isAnnounced: false,
    value: 0,
  };
}
