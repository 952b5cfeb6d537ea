import { KILL_AFTER_COMMIT, PAUSE_AFTER_COMMIT } from './after-commit.js';
import { CALM } from './calm.js';
import { CLOCK_STEP } from './clock.js';
import { CUT, HALF_OPEN, LOST_REPLIES, SLOW, SWAPPED_REPLIES } from './connections.js';
import type { Fault } from './fault.js';
import { KILL, PAUSE, PAUSE_PAST_LEASE } from './instances.js';
import { CLOCK_STEP_MID_WRITE, REDIS_EMPTY_MID_WRITE } from './mid-write.js';
import { REDIS_EMPTY, REDIS_FULL, REDIS_OLD, REDIS_PAUSE } from './redis.js';

export const FAULTS: readonly Fault[] = [
  CALM,
  PAUSE,
  PAUSE_PAST_LEASE,
  KILL,
  PAUSE_AFTER_COMMIT,
  KILL_AFTER_COMMIT,
  REDIS_PAUSE,
  REDIS_FULL,
  CUT,
  HALF_OPEN,
  SLOW,
  LOST_REPLIES,
  SWAPPED_REPLIES,
  CLOCK_STEP,
  REDIS_EMPTY,
  REDIS_OLD,
  REDIS_EMPTY_MID_WRITE,
  CLOCK_STEP_MID_WRITE,
];

/** The few that find most. */
export const FAULTS_OF_CI: readonly Fault[] = [CALM, PAUSE_AFTER_COMMIT, CUT, REDIS_OLD];

/** Nothing, a process that stands still, and a connection that breaks. */
export const FAULTS_OF_PEERS: readonly Fault[] = [CALM, PAUSE_AFTER_COMMIT, CUT];

/** What is not made to happen, because nothing is promised for it. */
export const NOT_COVERED: Readonly<Record<string, string>> = {
  'replica-lag': 'a load that reads a lagging replica stores the old value; loads have to read the primary',
  'flush-all': 'FLUSHALL, or a key removed by hand, takes announcements along without an epoch that tells of it',
  'server-clock': 'the clock of the Redis server is set forward by a lease while a linearizable write is running',
  'split-brain': 'a master that was replaced and does not know it goes on answering those who still reach it',
  'late-statement':
    'a linearizable write whose process stands still past the lease between the fence and its statement',
};
