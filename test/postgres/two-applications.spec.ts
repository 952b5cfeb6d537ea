import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheEvents,
  CacheEvict,
  ConsistentCacheModule,
  SharedStore,
  StaleTolerance,
  Transactions,
} from 'nestjs-consistent-cache';
import type { CacheEvent, ConsistentCacheOptions, OpenStore, SharedStoreContext } from 'nestjs-consistent-cache';
import { externalWritesSql, outboxSql, postgresFeed, postgresOutbox } from 'nestjs-consistent-cache/postgres';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';
import { connectionNamed, Database } from './databases.js';

const SOON_MS = 10_000;
const PRICES = { price: { table: 'prices', column: 'sku' } };
const silent = (): void => undefined;

let database: Database;
let server: RedisServer;
let apps: TestingModule[] = [];

@Injectable()
class Stock {
  constructor(private readonly transactions: Transactions) {}

  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'tests', tags: { stock: (sku: string) => sku } })
  async of(sku: string): Promise<number> {
    return database.number(`SELECT available FROM stock WHERE sku = '${sku}'`);
  }

  @CacheEvict({ tags: { stock: (sku: string) => sku } })
  async take(sku: string, run: (sql: string) => Promise<void>): Promise<void> {
    await run(`UPDATE stock SET available = available - 1 WHERE sku = '${sku}'`);
  }

  sell(sku: string): Promise<void> {
    return this.transactions.run(async (inside) => {
      const transaction = await database.begin();
      await inside(() => this.take(sku, (sql) => transaction.run(sql)), transaction.client);
      await transaction.end('COMMIT');
    });
  }
}

@Injectable()
class Prices {
  @Cacheable({
    consistency: 'bounded',
    scope: 'shared',
    owner: 'tests',
    writes: 'external',
    tags: { price: (sku: string) => sku },
  })
  @StaleTolerance({ max: '1h', because: 'a test wants to see the feed and not the bound' })
  async of(sku: string): Promise<number> {
    return database.number(`SELECT cents FROM prices WHERE sku = '${sku}'`);
  }
}

/** The Redis of a process that is about to die: from then on it evicts nothing, and nobody hears why. */
class DyingStore extends SharedStore {
  isDead = false;

  constructor(private readonly store: SharedStore) {
    super();
  }

  override async open(context: SharedStoreContext): Promise<OpenStore> {
    const open = await this.store.open(context);
    const { versions } = open;
    const bump = versions.bump.bind(versions);
    versions.bump = (tags) => (this.isDead ? new Promise<never>(() => undefined) : bump(tags));

    return open;
  }
}

async function start(options: ConsistentCacheOptions) {
  const app = await Test.createTestingModule({
    imports: [
      ConsistentCacheModule.forRoot({ subjectSecret: 'a secret of the tests', storeDeadline: '5s', ...options }),
    ],
    providers: [Stock, Prices],
  })
    .setLogger({ log: silent, warn: silent, error: silent })
    .compile();
  apps.push(app);
  const events: CacheEvent[] = [];
  app.get(CacheEvents).subscribe((event) => events.push(event));
  await app.init();

  return { stock: app.get(Stock), prices: app.get(Prices), events };
}

/** Time enough to see the hole, and for a writer that lives on a busy machine. */
const GRACE = '4s';
const outbox = (period: '1h' | '50ms') => postgresOutbox({ pool: database.pool, grace: GRACE, period });

describeWithRedis('two applications over one Redis and one PostgreSQL', () => {
  beforeAll(async () => {
    database = new Database();
    server = await startRedis();
    await database.run(`
      CREATE TABLE stock (sku text PRIMARY KEY, available integer NOT NULL);
      CREATE TABLE prices (sku text PRIMARY KEY, cents integer NOT NULL);
      INSERT INTO stock VALUES ('mug', 3);
      INSERT INTO prices VALUES ('mug', 900)`);
    await database.run(outboxSql());
    await database.run(externalWritesSql(PRICES));
  }, 30_000);
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    apps = [];
  });
  afterAll(async () => {
    await server.stop();
    await database.close();
  });

  it('evict what a writer left behind that died between its commit and its eviction', async () => {
    const namespace = 'dying';
    const store = new DyingStore(redisStore({ url: server.url }));
    const writer = await start({ namespace, sharedStore: store, outbox: outbox('1h') });
    const other = await start({ namespace, sharedStore: redisStore({ url: server.url }), outbox: outbox('50ms') });
    expect([await writer.stock.of('mug'), await other.stock.of('mug')]).toEqual([3, 3]);

    store.isDead = true;
    void writer.stock.sell('mug');
    await withinMs(SOON_MS, async () => (await database.number(`SELECT available FROM stock`)) === 2);
    // The hole, until it is relayed: the write is committed, and nobody has been told.
    expect(await other.stock.of('mug')).toBe(3);
    await withinMs(SOON_MS, async () => (await other.stock.of('mug')) === 2);
    const relays = () => other.events.filter(({ type }) => type === 'eviction-relayed').length;
    await withinMs(SOON_MS, async () => relays() > 0);

    expect(relays()).toBe(1);
    expect(await database.number('SELECT count(*) FROM ncc_outbox')).toBe(0);
  });

  it('evict each in its own store what a writer left behind, when they have a namespace in common and no store', async () => {
    const namespace = 'apart';
    const [ours, theirs] = [`${server.url}/0`, `${server.url}/1`];
    const dying = new DyingStore(redisStore({ url: ours }));
    const writer = await start({ namespace, sharedStore: dying, outbox: outbox('1h') });
    const stranger = await start({ namespace, sharedStore: redisStore({ url: theirs }), outbox: outbox('50ms') });
    const before = await writer.stock.of('mug');

    dying.isDead = true;
    void writer.stock.sell('mug');
    const relayed = () => stranger.events.some(({ type }) => type === 'eviction-relayed');
    await withinMs(SOON_MS, async () => relayed());
    const heir = await start({ namespace, sharedStore: redisStore({ url: ours }), outbox: outbox('50ms') });

    await withinMs(SOON_MS, async () => (await heir.stock.of('mug')) === before - 1);
    await withinMs(SOON_MS, async () => (await database.number('SELECT count(*) FROM ncc_outbox')) === 0);
  });

  it('have nothing to relay of a writer that lives', async () => {
    const namespace = 'living';
    const [writer, other] = await Promise.all(
      [1, 2].map(() => start({ namespace, sharedStore: redisStore({ url: server.url }), outbox: outbox('50ms') })),
    );
    const before = await other?.stock.of('mug');
    await writer?.stock.sell('mug');

    expect(await other?.stock.of('mug')).toBe((before ?? NaN) - 1);
    await withinMs(SOON_MS, async () => (await database.number('SELECT count(*) FROM ncc_outbox')) === 0);
    const relayed = [writer, other]
      .flatMap((app) => app?.events ?? [])
      .filter(({ type }) => type === 'eviction-relayed');
    expect(relayed).toEqual([]);
  });

  it.each([
    ['over the Redis', 1, () => ({ sharedStore: redisStore({ url: server.url }) })],
    [
      'each over a Redis of its own',
      2,
      (app: number) => ({ sharedStore: redisStore({ url: `${server.url}/${app}` }) }),
    ],
    // `strong` would not start among several processes without a store; it is not what is asked here.
    ['each with a memory of its own', 2, () => ({ topology: 'single-process' as const })],
  ])('both show what a third program writes, almost at once (%s)', async (how, readers, stores) => {
    const namespace = `fed ${how}`.replaceAll(' ', '-');
    const feed = () => postgresFeed({ connect: () => connectionNamed('feed'), families: PRICES, period: '1h' });
    const both = await Promise.all([1, 2].map((app) => start({ namespace, externalWrites: feed(), ...stores(app) })));
    // Not what the start evicts is to be seen, but what the feed does.
    const restarts = () => both.filter(({ events }) => events.some(({ type }) => type === 'feed-restarted')).length;
    await withinMs(SOON_MS, async () => restarts() === readers);
    const shown = () => Promise.all(both.map(({ prices }) => prices.of('mug')));
    const [before = NaN] = await shown();
    await database.run(`UPDATE prices SET cents = cents + 1 WHERE sku = 'mug'`);
    await withinMs(SOON_MS, async () => (await shown()).every((cents) => cents === before + 1));
  });
});
