import type { CacheLoad } from './application/instance-requests.js';
import { FAULTS, FAULTS_OF_CI, FAULTS_OF_PEERS } from './nemesis/faults.js';
import type { Fault } from './nemesis/fault.js';
import type { SessionLoad } from './stage/sessions.js';

export interface Share {
  readonly faults: readonly Fault[];
  readonly secondsPerFault: number;
}

export const SHARES: Readonly<Record<string, Share>> = {
  ci: { faults: FAULTS_OF_CI, secondsPerFault: 4.5 },
  /** What peers are asked to go through, and this library beside them. */
  peer: { faults: FAULTS_OF_PEERS, secondsPerFault: 10 },
  long: { faults: FAULTS, secondsPerFault: 60 },
};

const BUSY = { registers: 24, readers: 3, writers: 1, readPauseMs: 5, writePauseMs: 60 };

/** What each instance does. The readers of `session` are callers who go from instance to instance. */
export const LOADS: readonly CacheLoad[] = [
  { cache: 'linearizable', ...BUSY },
  { cache: 'strong', ...BUSY },
  { cache: 'user', ...BUSY, registers: 8 },
  { cache: 'bounded', ...BUSY, readers: 2 },
  { cache: 'imported', ...BUSY, readers: 2 },
  { cache: 'eventual', ...BUSY, readers: 2 },
  { cache: 'immutable', ...BUSY, readers: 1 },
  { cache: 'session', ...BUSY, registers: 6, readers: 0 },
];

export const SESSIONS: SessionLoad = { sessions: 10, registers: 6, pauseMs: 6 };

/** A peer has one kind of cache, and all reads go through it. */
export const LOADS_OF_PEERS: readonly CacheLoad[] = [{ cache: 'strong', ...BUSY, readers: 12, writers: 3 }];
