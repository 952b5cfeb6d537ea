import type {
  CacheablePolicy,
  CacheEvent,
  CacheFigures,
  CallerContext,
  ConsistentCache,
  EvictPolicy,
  SessionContext,
  StaleTolerancePolicy,
  Transactions,
} from 'nestjs-consistent-cache';
import type { ManualClock } from 'nestjs-consistent-cache/testing';
import type { Origin } from './origin.js';

export const LEVELS = ['linearizable', 'strong', 'session', 'bounded', 'eventual', 'immutable'] as const;

export type Level = (typeof LEVELS)[number];

/** The levels at which `max` says how old a value may be. */
export const BOUND_BY_MAX: readonly Level[] = ['session', 'bounded'];
/** The levels at which `ttl` alone says how long a value is served. */
export const KEPT_FOR_TTL: readonly Level[] = ['linearizable', 'strong', 'eventual', 'immutable'];
/**
 * The levels that remember nothing of the caller. A session's ticket has room for some twenty keys, and what the method
 * itself answered makes it trust nothing older.
 */
export const FORGETTING: readonly Level[] = LEVELS.filter((level) => level !== 'session');
/** The levels whose writes are not announced before they commit. */
export const UNANNOUNCED: readonly Level[] = LEVELS.filter((level) => level !== 'linearizable');

const FIVE_SECONDS = { max: '5s', because: 'five seconds make the boundaries easy to read' } as const;

/** What each level cannot do without. Every row is declared with these, and with what the row itself says. */
export const TERMS: Readonly<Record<Level, { policy: CacheablePolicy; tolerance?: StaleTolerancePolicy }>> = {
  linearizable: { policy: { consistency: 'linearizable' } },
  strong: { policy: { consistency: 'strong' } },
  session: { policy: { consistency: 'session' }, tolerance: FIVE_SECONDS },
  bounded: { policy: { consistency: 'bounded' }, tolerance: FIVE_SECONDS },
  eventual: { policy: { consistency: 'eventual', ttl: '5s' } },
  immutable: { policy: { consistency: 'immutable' } },
};

/** What a row does not mean to say about itself. */
export const SHARED: CacheablePolicy = { scope: 'shared', owner: 'the test' };

/** One behavioural case: what is declared, what is called, what must come of it. */
export interface BehaviouralCase {
  /** A letter for the theme, as the files of the table are, and a number within it. */
  readonly id: string;
  /** A fact in the present tense. */
  readonly title: string;
  /** @default every level */
  readonly levels?: readonly Level[];
  /**
   * Rows about instants move the clock themselves. In the others a session's calls come a millisecond apart, because it
   * takes what was loaded in the very instant of a write for older than the write.
   */
  readonly movesClock?: boolean;
  /** Rows that show something only a class has (`this`, Observables) leave out the cache that no decorator declares. */
  readonly needsClass?: boolean;
  /** Rows that compare two caches get a second class with the same declaration. */
  readonly needsTwin?: boolean;
  /** What `@Cacheable` on the read declares, beyond level, scope and owner. */
  readonly cached?: CacheablePolicy;
  /** In place of the level's own tolerance. */
  readonly tolerance?: StaleTolerancePolicy;
  /** What each `@CacheEvict` on the write declares; it is told the name of the cache. */
  readonly evicts?: (cache: string) => readonly EvictPolicy[];
  run(on: Subject): Promise<void>;
}

/** One row in one placement, over one store, at one level. */
export interface Subject {
  readonly level: Level;
  /** The name of the cache. */
  readonly cache: string;
  readonly origin: Origin;
  readonly clock: ManualClock;
  readonly caching: ConsistentCache;
  readonly callers: CallerContext;
  /** At `session`, the whole case is in one; what is run by this begins or goes on with another. */
  readonly sessions: SessionContext;
  readonly transactions: Transactions;
  /** Calls the cached method. */
  readonly read: (...args: readonly unknown[]) => Promise<unknown>;
  /** Calls the same method of a second class with the same declaration. */
  readonly readTwin: (...args: readonly unknown[]) => Promise<unknown>;
  /** Calls a method that calls the cached one on `this`. */
  readonly readThroughThis: (...args: readonly unknown[]) => Promise<unknown>;
  /** Calls a method whose result is declared to be stored nowhere. */
  readonly readUnstored: (...args: readonly unknown[]) => Promise<unknown>;
  /** Calls the method that evicts. */
  readonly write: (...args: readonly unknown[]) => Promise<unknown>;
  readonly figures: () => CacheFigures;
  /** Everything that has happened in this cache during the case. */
  readonly events: () => readonly CacheEvent[];
  /** Settles when so many events of a type have happened in this cache. */
  readonly happened: (type: CacheEvent['type'], times?: number) => Promise<void>;
  /** What was logged about this cache. */
  readonly warnings: () => readonly string[];
}
