import type { ConsistencyLevel } from 'nestjs-consistent-cache';
import type { Stage } from '../stage/stage.js';

/** Something that goes wrong, as data. */
export interface Fault {
  readonly name: string;
  readonly covers: string;
  /** The levels that promise to hold meanwhile. */
  readonly claimedBy: readonly ConsistencyLevel[];
  /** How long it takes, where that is long. */
  readonly takesSeconds?: number;
  /** Afterwards Redis has just started, and nothing linearizable is cached for ten seconds. */
  readonly restartsRedis?: true;
  /** Once. Whatever it breaks is whole again when it settles. */
  happens(stage: Stage): Promise<void>;
}

export const EVERY_LEVEL: readonly ConsistencyLevel[] = [
  'linearizable',
  'strong',
  'session',
  'bounded',
  'eventual',
  'immutable',
];
