import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { Cacheable, CacheEvict, CacheMetrics, ConsistentCacheModule } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisCluster } from '../support/redis-cluster.js';
import type { RedisCluster } from '../support/redis-cluster.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RegisterHistory } from '../support/register-history.js';

const ROWS = Array.from({ length: 9 }, (_, index) => `row-${index}`);
const LEVELS = ['strong', 'linearizable'] as const;
type Level = (typeof LEVELS)[number];

const row = (id: string): string => id;
const silent = (): void => undefined;
const SILENT = { log: silent, warn: silent, error: silent };

/** Whether a write has taken effect, whatever its caller was told. */
interface Commit {
  order: number | undefined;
}

/** Registers that instances share, with a history of each under each level. */
class Origin {
  readonly histories = new Map<string, RegisterHistory>();
  private readonly values = new Map<string, number>();
  private commits = 0;

  history(level: Level, id: string): RegisterHistory {
    const name = `${level} ${id}`;
    const known = this.histories.get(name) ?? new RegisterHistory('0');
    this.histories.set(name, known);

    return known;
  }

  /** Reads at once, and takes a while to answer. */
  async read(level: Level, id: string): Promise<string> {
    const value = String(this.values.get(`${level} ${id}`) ?? 0);
    await sleep(1);

    return value;
  }

  /** Commits after a while, and answers after another. */
  async write(level: Level, id: string, commit: Commit): Promise<void> {
    await sleep(1);
    this.commits += 1;
    commit.order = this.commits;
    this.values.set(`${level} ${id}`, this.commits);
    await sleep(1);
  }
}

const origin = new Origin();

@Injectable()
class Registers {
  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'tests', tags: { stock: row } })
  strong(id: string): Promise<string> {
    return origin.read('strong', id);
  }

  @Cacheable({ consistency: 'linearizable', scope: 'shared', owner: 'tests', tags: { right: row } })
  linearizable(id: string): Promise<string> {
    return origin.read('linearizable', id);
  }

  @CacheEvict({ tags: { stock: row } })
  writeStrong(id: string, commit: Commit): Promise<void> {
    return origin.write('strong', id, commit);
  }

  @CacheEvict({ tags: { right: row } })
  writeLinearizable(id: string, commit: Commit): Promise<void> {
    return origin.write('linearizable', id, commit);
  }
}

describeWithRedis('two instances over a cluster of three', () => {
  let cluster: RedisCluster;
  let instances: readonly TestingModule[];

  beforeAll(async () => {
    cluster = await startRedisCluster();
    instances = await Promise.all([startInstance(cluster.urls), startInstance(cluster.urls)]);
  }, 30_000);

  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
    await cluster.stop();
  });

  it('keep strong and linearizable while a node is killed and started again empty', async () => {
    const traffic = new Traffic(instances);
    const ending = traffic.run();
    // The announcements of a server that has just started are not believed before one lease has passed.
    await traffic.until(() => hitsOf(instances, 'linearizable') > 50, 20_000);
    await cluster.nodes[1]?.kill();
    await traffic.until(() => traffic.reads > traffic.marked + 200, 10_000);
    await cluster.nodes[1]?.restart({ empty: true });
    await cluster.settled();
    traffic.mark();
    await traffic.until(() => traffic.reads > traffic.marked + 1_000, 10_000);
    traffic.stop();
    await ending;

    const histories = [...origin.histories].map(([name, history]) => ({
      isStrong: name.startsWith('strong'),
      history,
    }));
    expect(histories.flatMap(({ history }) => history.strongViolations())).toEqual([]);
    expect(
      histories.filter(({ isStrong }) => !isStrong).flatMap(({ history }) => history.linearizabilityViolations()),
    ).toEqual([]);
    expect(hitsOf(instances, 'strong')).toBeGreaterThan(200);
    expect(traffic.writes).toBeGreaterThan(100);
    expect(traffic.failedReads).toEqual([]);
  }, 60_000);
});

async function startInstance(urls: readonly string[]): Promise<TestingModule> {
  const module = ConsistentCacheModule.forRoot({
    sharedStore: redisStore({ urls }),
    subjectSecret: 'a secret of the tests',
  });
  const instance = await Test.createTestingModule({ imports: [module], providers: [Registers] })
    .setLogger(SILENT)
    .compile();

  return instance.init();
}

function hitsOf(instances: readonly TestingModule[], level: Level): number {
  return instances.reduce((hits, each) => hits + each.get(CacheMetrics).figuresOf(`Registers.${level}`).hit, 0);
}

/** Readers and writers of every row at every level, each on an instance of its own choosing. */
class Traffic {
  reads = 0;
  writes = 0;
  marked = 0;
  readonly failedReads: unknown[] = [];
  private isOver = false;

  constructor(private readonly instances: readonly TestingModule[]) {}

  async run(): Promise<void> {
    const readers = this.instances.flatMap((instance) =>
      LEVELS.flatMap((level) => [1, 2].map(() => this.reading(instance, level))),
    );
    const writers = LEVELS.map((level) => this.writing(level));
    await Promise.all([...readers, ...writers]);
  }

  stop(): void {
    this.isOver = true;
  }

  mark(): void {
    this.marked = this.reads;
  }

  /** Waits for traffic to bring something about. */
  async until(isSo: () => boolean, withinMs: number): Promise<void> {
    this.mark();
    const endsAtMs = performance.now() + withinMs;
    while (!isSo()) {
      if (performance.now() > endsAtMs) throw new Error('the traffic did not bring it about in time');
      await sleep(20);
    }
  }

  private async reading(instance: TestingModule, level: Level): Promise<void> {
    const registers = instance.get(Registers);
    while (!this.isOver) {
      const id = oneOf(ROWS);
      const askedAtMs = performance.now();
      try {
        const value = await registers[level](id);
        const answeredAtMs = performance.now();
        origin.history(level, id).read({ value, askedAtMs, answeredAtMs, by: level, isHit: false });
        this.reads += 1;
      } catch (error) {
        this.failedReads.push(error);
      }
      await sleep(2);
    }
  }

  private async writing(level: Level): Promise<void> {
    while (!this.isOver) {
      const registers = oneOf(this.instances).get(Registers);
      const id = oneOf(ROWS);
      const commit: Commit = { order: undefined };
      const begunAtMs = performance.now();
      // Refused, or committed without a confirmed eviction: then it was never acknowledged.
      const writing = level === 'strong' ? registers.writeStrong(id, commit) : registers.writeLinearizable(id, commit);
      const acknowledgedAtMs = await writing.then(
        () => performance.now(),
        () => Infinity,
      );
      if (commit.order !== undefined) {
        const value = String(commit.order);
        origin.history(level, id).wrote({ order: commit.order, value, begunAtMs, acknowledgedAtMs });
        this.writes += 1;
      }
      await sleep(10);
    }
  }
}

function oneOf<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)] as T;
}
