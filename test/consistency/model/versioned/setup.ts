import type { Guards } from './guards.js';

/* What is to be explored: who reads and writes where, what may befall them, and what was promised. */

export type Promised =
  /** Current at some instant of the read: it shows every commit from before the read began. */
  | 'linearizable'
  /** It shows every write that was acknowledged before the read began. */
  | 'strong'
  /** As strong, and in the process of the writer also what it was told it could not evict. */
  | 'strong-and-owed'
  /** As strong, and it shows what a writer has committed that died before it was acknowledged. */
  | 'strong-and-abandoned'
  /** As strong over what the replica shows; what a replica itself lags is no fault of the cache. */
  | 'strong-over-replica';

export type Fault =
  /** A process ends: what it had under way is lost, and a statement on its way may still commit. */
  | 'crash'
  /** The store drops a version, or the entry, to make room. */
  | 'memory-pressure'
  /** A node starts again with nothing. */
  | 'restart'
  /** A replica (or a dump) takes the state of this moment, and takes over later. */
  | 'failover'
  /** The process that was master before a failover becomes master once more. */
  | 'failback'
  /** A writer is told that its command was not answered in time; it lands at any later moment, or never. */
  | 'timeout'
  /** The command is dropped and reported as done. */
  | 'swallowed'
  /** A client library sends a command again after it has reached the store. */
  | 'resend'
  /** An entry reaches the store long after its load has ended. */
  | 'late-put'
  /** A lease ends while its writer is alive. */
  | 'lease-ends'
  /** The store forgets an announcement. */
  | 'intent-dropped'
  /** The method fails while its statement is under way. */
  | 'method-fails';

export interface ReaderSetup {
  readonly process: number;
  readonly level: 'strong' | 'linearizable';
  readonly reads: number;
  /** It reads the source inside a transaction that was opened before. */
  readonly inTransaction?: boolean;
}

export interface WriterSetup {
  readonly process: number;
  readonly level: 'strong' | 'linearizable';
  readonly tags: readonly number[];
}

export interface VersionedSetup {
  readonly promised: Promised;
  readonly tags: number;
  /** Whether each tag lies on a node of its own, as on a cluster; the entry lies with the first. */
  readonly cluster: boolean;
  /** Whether entry and versions are looked up by one command, or in any order by several. */
  readonly lookup: 'at once' | 'one by one';
  /** Whether processes keep copies of entries. */
  readonly copies: boolean;
  readonly processes: number;
  readonly readers: readonly ReaderSetup[];
  readonly writers: readonly WriterSetup[];
  /** How often each fault may happen. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly replicaLags: boolean;
  readonly guards: Guards;
}
