import type { ReadOperation, WriteOutcome } from '../history/operation.js';
import type { RegisterRecord } from '../history/register-record.js';

/** In ms. */
export interface MadeUpWrite {
  readonly begun: number;
  readonly committed?: number;
  readonly ended?: number;
  readonly outcome?: WriteOutcome;
  readonly session?: string;
}

export interface MadeUpRead {
  readonly version: number;
  readonly begun: number;
  readonly ended: number;
  readonly session?: string;
  readonly by?: string;
  readonly content?: string;
}

const REGISTER = '1/strong/0';
const NS_PER_MS = 1e6;

/** A history as a test writes it down: writes in the order of their commits. */
export function madeUp(writes: readonly MadeUpWrite[], reads: readonly MadeUpRead[] = []): RegisterRecord {
  return {
    register: REGISTER,
    commits: writes.map(({ begun, ended = Infinity, committed = ended, outcome = 'acknowledged', session }, index) => ({
      register: REGISTER,
      id: `w${index + 1}`,
      version: index + 1,
      by: 'writer',
      session,
      begunNs: begun * NS_PER_MS,
      committedNs: committed * NS_PER_MS,
      endedNs: ended * NS_PER_MS,
      outcome: ended === Infinity ? 'unknown' : outcome,
    })),
    reads: reads.map((read): ReadOperation => ({
      register: REGISTER,
      version: read.version,
      by: read.by ?? 'reader',
      session: read.session,
      begunNs: read.begun * NS_PER_MS,
      endedNs: read.ended * NS_PER_MS,
      outcome: 'hit',
      content: read.content ?? REGISTER,
    })),
    uncommitted: [],
  };
}
