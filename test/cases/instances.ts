import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import {
  CacheEvents,
  CacheMetrics,
  Clock,
  ConsistentCache,
  ConsistentCacheModule,
  SessionContext,
} from 'nestjs-consistent-cache';
import type { CacheEvent, ConsistentCacheOptions, EvictPolicy } from 'nestjs-consistent-cache';
import type { ManualClock } from 'nestjs-consistent-cache/testing';
import { LEVELS, SHARED, TERMS } from './behavioural-case.js';
import type { Level } from './behavioural-case.js';
import { Origin } from './origin.js';
import { PLACEMENTS } from './placements.js';
import type { Placed, Placement } from './placements.js';

const [SINGLETON] = PLACEMENTS as [Placement, ...Placement[]];

const silent = (): void => undefined;
const SILENT = { log: silent, warn: silent, error: silent };

/** What the instances of one application share beside their store: one origin for each level. */
export type Origins = Readonly<Record<Level, Origin>>;

export function newOrigins(): Origins {
  return Object.fromEntries(LEVELS.map((level) => [level, new Origin()])) as Record<Level, Origin>;
}

export interface InstanceOptions extends ConsistentCacheOptions {
  /** In place of the store's own. */
  readonly clock?: ManualClock;
  /** @default every level */
  readonly levels?: readonly Level[];
  /** What the writes at a level declare beside what they evict. */
  readonly writes?: Pick<EvictPolicy, 'degrade'>;
}

/**
 * One process of an application, as far as anything shared can tell: with a cache at each level, identified by its first
 * argument, and a write that evicts what its first argument names.
 */
export class Instance {
  readonly events: CacheEvent[] = [];

  private constructor(
    private readonly app: TestingModule,
    private readonly placed: ReadonlyMap<Level, Placed>,
  ) {
    app.get(CacheEvents).subscribe((event) => this.events.push(event));
  }

  static async start(origins: Origins, options: InstanceOptions): Promise<Instance> {
    const { clock, levels = LEVELS, writes = {}, ...module } = options;
    const placed = new Map(levels.map((level) => [level, placedAt(level, origins[level], writes)]));
    let testing = Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot({ subjectSecret: 'a secret of the tests', ...module })],
      providers: [...placed.values()].flatMap(({ parts }) => parts.providers ?? []),
    }).setLogger(SILENT);
    if (clock !== undefined) testing = testing.overrideProvider(Clock).useValue(clock);
    const app = await testing.compile();
    const instance = new Instance(app, placed);
    await app.init();

    return instance;
  }

  get caching(): ConsistentCache {
    return this.app.get(ConsistentCache);
  }

  get sessions(): SessionContext {
    return this.app.get(SessionContext);
  }

  get metrics(): CacheMetrics {
    return this.app.get(CacheMetrics);
  }

  async read(level: Level, ...args: readonly unknown[]): Promise<unknown> {
    return (await this.hostAt(level)).read(...args);
  }

  async write(level: Level, ...args: readonly unknown[]): Promise<unknown> {
    return (await this.hostAt(level)).write(...args);
  }

  figuresAt(level: Level) {
    return this.metrics.figuresOf(cacheAt(level));
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private hostAt(level: Level) {
    const placed = this.placed.get(level);
    if (placed === undefined) throw new TypeError(`this instance has no ${level} cache`);

    return placed.host(this.app);
  }
}

/** The name of the cache at a level. */
export function cacheAt(level: Level): string {
  return `${level}Prices.read`;
}

function placedAt(level: Level, origin: Origin, writes: Pick<EvictPolicy, 'degrade'>): Placed {
  // A family for each level: one that a linearizable cache has is announced for all.
  const tags = { [`${level} price`]: (sku: string) => sku };

  return SINGLETON.place({
    name: `${level}Prices`,
    terms: { ...SHARED, ...TERMS[level].policy },
    policy: { key: (sku: string) => sku, tags },
    tolerance: TERMS[level].tolerance,
    evicts: [{ tags, ...(level === 'linearizable' ? writes : {}) }],
    origin,
  });
}
