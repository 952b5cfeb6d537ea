import type {
  CacheablePolicy,
  CacheEvent,
  CacheFigures,
  CallerContext,
  ConsistentCache,
  EvictPolicy,
  StaleTolerancePolicy,
} from 'nestjs-consistent-cache';
import type { ManualClock } from 'nestjs-consistent-cache/testing';
import type { Origin } from './origin.js';

/** The levels that one process can keep. `session` and `linearizable` are refused: see refusals.spec.ts. */
export const LEVELS = ['strong', 'bounded', 'eventual', 'immutable'] as const;

export type Level = (typeof LEVELS)[number];

/** What each level cannot do without. Every row is declared with these, and with what the row itself says. */
export const TERMS: Readonly<Record<Level, { policy: CacheablePolicy; tolerance?: StaleTolerancePolicy }>> = {
  strong: { policy: { consistency: 'strong' } },
  bounded: {
    policy: { consistency: 'bounded' },
    tolerance: { max: '5s', because: 'five seconds make the boundaries easy to read' },
  },
  eventual: { policy: { consistency: 'eventual', ttl: '5s' } },
  immutable: { policy: { consistency: 'immutable' } },
};

/** What a row does not mean to say about itself. */
export const SHARED: CacheablePolicy = { scope: 'shared', owner: 'the test' };

/** One row of CASES.md: what is declared, what is called, what must come of it. */
export interface BehaviouralCase {
  /** As in CASES.md. */
  readonly id: string;
  /** A fact in the present tense. */
  readonly title: string;
  /** @default every level */
  readonly levels?: readonly Level[];
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
  /** Calls the cached method. */
  readonly read: (...args: readonly unknown[]) => Promise<unknown>;
  /** Calls the same method of a second class with the same declaration. */
  readonly readTwin: (...args: readonly unknown[]) => Promise<unknown>;
  /** Calls a method that calls the cached one on `this`. */
  readonly readThroughThis: (...args: readonly unknown[]) => Promise<unknown>;
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
