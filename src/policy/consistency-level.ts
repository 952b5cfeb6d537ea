/**
 * What a cached read promises, from the strictest to the loosest.
 *
 * @see docs/reference/levels.md
 */
export type ConsistencyLevel = 'linearizable' | 'strong' | 'session' | 'bounded' | 'eventual' | 'immutable';

/** What a level allows a policy to say about staleness. */
export type ToleranceUse =
  /** A bound must be declared: the level has no meaning without it. */
  | 'required'
  /** The level's own bound is `ttl`; only what to serve when the origin fails may be declared. */
  | 'on-error-only'
  /** The level serves nothing stale, so any tolerance contradicts it. */
  | 'forbidden';

export interface LevelTraits {
  /** The promise in one line, for the catalogue and for messages. */
  readonly promise: string;
  readonly tolerance: ToleranceUse;
  /**
   * What `ttl` means: how old a value may be (`freshness`, counted from its as-of instant), or merely how long a valid
   * entry is kept (`retention`, counted from the load).
   */
  readonly ttl: 'freshness' | 'retention';
  /** Whether it promises that acknowledged writes are seen, so that every writer has to evict before it is acknowledged. */
  readonly seesWrites: boolean;
  /** The nearest level that asks less of the store. */
  readonly nearest: ConsistencyLevel | undefined;
}

export const LEVELS: Readonly<Record<ConsistencyLevel, LevelTraits>> = {
  linearizable: {
    promise: 'the value was current at some instant between the call and its answer',
    tolerance: 'forbidden',
    ttl: 'retention',
    seesWrites: true,
    nearest: 'strong',
  },
  strong: {
    promise: 'a read that starts after a write was acknowledged sees that write or a later one',
    tolerance: 'forbidden',
    ttl: 'retention',
    seesWrites: true,
    nearest: 'bounded',
  },
  session: {
    promise: 'a caller sees its own writes and never goes back; otherwise as bounded',
    tolerance: 'required',
    ttl: 'freshness',
    seesWrites: true,
    nearest: 'bounded',
  },
  bounded: {
    promise: 'the value was current at most max before the call',
    tolerance: 'required',
    ttl: 'freshness',
    seesWrites: false,
    nearest: 'eventual',
  },
  eventual: {
    promise: 'converges after the last write and is never older than ttl',
    tolerance: 'on-error-only',
    ttl: 'freshness',
    seesWrites: false,
    nearest: undefined,
  },
  immutable: {
    promise: 'one value per key for ever',
    tolerance: 'forbidden',
    ttl: 'retention',
    seesWrites: false,
    nearest: undefined,
  },
};

export function isConsistencyLevel(value: unknown): value is ConsistencyLevel {
  return typeof value === 'string' && Object.hasOwn(LEVELS, value);
}
