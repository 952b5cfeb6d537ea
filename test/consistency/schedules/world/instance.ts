import type { ManualClock } from 'nestjs-consistent-cache/testing';
import { InProcessVersionStore } from '../../../../src/coordination/in-process/in-process-version-store.js';
import { cacheOver } from '../../../../src/coordination/redis/link-cache.js';
import { LinkTextReads } from '../../../../src/coordination/redis/link-text-reads.js';
import { RedisVersionStore } from '../../../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../../../src/coordination/redis/redis-write-intents.js';
import type { EntryStore } from '../../../../src/storage/entry-store.js';
import { cacheInMemory, copiesInMemory, entriesBeside, entriesIn } from '../../../../src/storage/stores.js';
import { TieredEntryStore } from '../../../../src/storage/tiered-entry-store.js';
import { EngineUnderTest } from '../../../support/engine-under-test.js';
import type { RedisInMemory } from './redis/redis-in-memory.js';
import { ScheduledFeed } from './redis/scheduled-feed.js';
import { ScheduledLink } from './redis/scheduled-link.js';
import { SlowEntryStore, SlowVersionStore } from './slow-stores.js';
import type { Gate } from './slow-stores.js';

/** What an engine stands on, and which of its steps wait at gates. */
export type Adapters =
  /** Nothing waits. */
  | 'in-memory'
  | 'slow-entries'
  | 'slow-versions'
  /** The adapters of Redis, over a server in memory: every command and reply is a step. */
  | 'redis'
  /** And copies in each process, outdated by what it hears of evictions. */
  | 'redis-with-copies';

export const IN_PROCESS: readonly Adapters[] = ['in-memory', 'slow-entries', 'slow-versions'];
export const OVER_REDIS: readonly Adapters[] = ['redis', 'redis-with-copies'];

/** One process of the application: an engine, and its connections where it has any. */
export interface Instance {
  readonly name: string;
  readonly engine: EngineUnderTest;
  readonly link: ScheduledLink | undefined;
  readonly feed: ScheduledFeed | undefined;
}

const NAMESPACE = 'test';
const DEADLINE_MS = 150;

/** Two instances in one process: they share their stores and no loads. */
export function instancesInProcess(adapters: Adapters, gate: Gate): readonly [Instance, Instance] {
  const engine = new EngineUnderTest({
    entries: (clock) => {
      const kept = entriesIn(cacheInMemory(10), NAMESPACE, clock, DEADLINE_MS);
      return adapters === 'slow-entries' ? new SlowEntryStore(kept, gate) : kept;
    },
    versions: adapters === 'slow-versions' ? new SlowVersionStore(gate) : new InProcessVersionStore(100),
  });
  const { clock, entries, versions, intents } = engine;
  const elsewhere = new EngineUnderTest({ clock, entries: () => entries, versions, intents });

  return [
    { name: 'p1', engine, link: undefined, feed: undefined },
    { name: 'p2', engine: elsewhere, link: undefined, feed: undefined },
  ];
}

export interface RedisInstanceOptions {
  readonly server: RedisInMemory;
  readonly clock: ManualClock;
  readonly withCopies: boolean;
  readonly oneByOne: boolean;
  readonly gate: (whose: string, step: string) => Promise<void>;
  /** Whose step is running; undefined for nobody's. */
  readonly by: () => string | undefined;
}

/** An instance wired as the module wires one. */
export function instanceOverRedis(name: string, options: RedisInstanceOptions): Instance {
  const { server, clock, withCopies, oneByOne, gate, by } = options;
  const link = new ScheduledLink(server, clock, { name: `${name} link`, gate, by }, oneByOne);
  const feed = withCopies
    ? new ScheduledFeed(server, clock, NAMESPACE, (step) => gate(`${name} feed`, step))
    : undefined;
  const nobody = (): void => undefined;
  const shared = entriesBeside(new LinkTextReads(link, nobody), cacheOver(link), NAMESPACE, clock, DEADLINE_MS);
  const entries: EntryStore =
    feed === undefined ? shared : new TieredEntryStore(copiesInMemory(10), shared, feed, clock);
  const engine = new EngineUnderTest({
    clock,
    entries: () => entries,
    versions: new RedisVersionStore(link, NAMESPACE, nobody, { watch: feed?.cells }),
    intents: new RedisWriteIntents(link, NAMESPACE, clock, undefined, clock),
  });

  return { name, engine, link, feed };
}
