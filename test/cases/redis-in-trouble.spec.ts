import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EvictionFailedError, WriteRefusedError } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { clientsOf } from '../support/redis-figures.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { withinMs } from '../support/within.js';
import { LEVELS, UNANNOUNCED } from './behavioural-case.js';
import { cacheAt, Instance, newOrigins } from './instances.js';
import type { InstanceOptions, Origins } from './instances.js';

/** What a call may take, and how long a test waits for what a machine in a hurry does at once. */
const DEADLINE_MS = 150;
const SOON_MS = 5_000;

describeWithRedis('an application whose Redis is in trouble', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let tests = 0;
  let instance: Instance | undefined;
  let origins: Origins;
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startTcpProxy(server.port);
    process.on('unhandledRejection', note);
  });
  afterEach(async () => {
    proxy.resume();
    await server.resume();
    await instance?.close();
    instance = undefined;
    // Node tells of a rejection that nobody handled when the turn has ended in which it happened.
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await proxy.stop();
    await server.stop();
  });

  async function start(options: InstanceOptions = {}): Promise<Instance> {
    tests += 1;
    origins = newOrigins();
    const url = `redis://127.0.0.1:${proxy.port}`;
    const sharedStore = redisStore({ url, probeInterval: '50ms', silence: '500ms' });
    const shared = { namespace: `trouble-${tests}`, storeDeadline: DEADLINE_MS, copies: false, ...options };
    instance = await Instance.start(origins, { ...shared, sharedStore });

    return instance;
  }

  const wellAgain = (on: Instance) =>
    withinMs(SOON_MS, async () => {
      const before = on.figuresAt('strong').hit;
      await on.read('strong', 'is it well?');
      return on.figuresAt('strong').hit > before;
    });

  /** Begin, end: what happens to the Redis or on the way to it. */
  const TROUBLES: readonly (readonly [string, () => unknown, () => unknown])[] = [
    ['hangs', () => server.pause(), () => server.resume()],
    ['is killed', () => server.kill(), () => server.restart()],
    [
      'is cut off',
      () => {
        proxy.cut();
      },
      () => {
        proxy.resume();
      },
    ],
    [
      'is at the far end of a connection that is half open',
      () => {
        proxy.halfOpen();
      },
      () => {
        proxy.resume();
      },
    ],
    [
      'answers too late',
      () => {
        proxy.delay(3 * DEADLINE_MS);
      },
      () => {
        proxy.resume();
      },
    ],
  ];

  describe.each(TROUBLES)('because it %s', (_, begin, end) => {
    it('K1 K2 K6 answers every read from the origin within a second, and from the cache again without a restart', async () => {
      const on = await start();
      for (const level of LEVELS) await on.read(level, 'sku');
      await begin();
      for (let round = 0; round < 3; round += 1) {
        const startedMs = performance.now();
        const answers = await Promise.all(LEVELS.map((level) => on.read(level, 'sku')));

        expect(performance.now() - startedMs).toBeLessThan(1_000);
        expect(answers).toHaveLength(LEVELS.length);
      }
      expect(LEVELS.map((level) => on.figuresAt(level).loadErrors)).toEqual(LEVELS.map(() => 0));
      expect(on.metrics.storeFigures().suspended).toBeGreaterThan(0);

      await end();
      await wellAgain(on);
    });

    it('D11 K3 tells the writer that its eviction is not confirmed, and settles it when it can', async () => {
      const on = await start();
      let price = 1;
      for (const level of UNANNOUNCED) {
        origins[level].answer = async () => price;
        origins[level].writeAnswer = async () => (price = 2);
        await on.read(level, 'sku');
      }
      await begin();
      for (const level of UNANNOUNCED) {
        await expect(on.write(level, 'sku')).rejects.toBeInstanceOf(EvictionFailedError);
        expect(await on.read(level, 'sku')).toBe(2);
      }
      expect(on.metrics.evictionFigures()).toMatchObject({ evictions: 0, failed: UNANNOUNCED.length });

      await end();
      await withinMs(SOON_MS, async () => on.metrics.evictionFigures().owed === 0);
      await wellAgain(on);
      for (const level of UNANNOUNCED) expect(await on.read(level, 'sku')).toBe(2);
    });

    it('D11 refuses a linearizable write before it touches the source', async () => {
      const on = await start();
      let writes = 0;
      origins.linearizable.writeAnswer = async () => (writes += 1);
      await begin();

      await expect(on.write('linearizable', 'sku')).rejects.toBeInstanceOf(WriteRefusedError);
      expect(writes).toBe(0);
      expect(on.metrics.evictionFigures()).toMatchObject({ refused: 1, failed: 0 });

      await end();
      await withinMs(SOON_MS, async () => (await on.write('linearizable', 'sku')) === 1);
    });

    it('D11 lets a linearizable write go on where that is declared, and says so', async () => {
      const on = await start({ writes: { degrade: { because: 'the till must not stop' } } });
      let writes = 0;
      origins.linearizable.writeAnswer = async () => (writes += 1);
      await begin();
      await expect(on.write('linearizable', 'sku')).rejects.toBeInstanceOf(EvictionFailedError);

      expect(writes).toBe(1);
      expect(on.events).toContainEqual(expect.objectContaining({ type: 'write-degraded' }));
      await end();
    });

    it('K4 tells who empties a cache that it is not confirmed', async () => {
      const on = await start();
      await begin();
      await expect(on.caching.evictCache(cacheAt('strong'))).rejects.toBeInstanceOf(EvictionFailedError);
      await end();
      await wellAgain(on);
    });

    it('M7 shuts down nevertheless, and leaves no connection', async () => {
      const on = await start();
      await on.read('strong', 'sku');
      await begin();
      const startedMs = performance.now();
      await on.close();
      instance = undefined;

      expect(performance.now() - startedMs).toBeLessThan(2_000);
      await end();
      await withinMs(SOON_MS, async () => (await clientsOf(server)) === 1);
    });
  });

  it('K5 waits one deadline for a Redis that hangs, and not one for each request', async () => {
    const on = await start();
    await on.read('strong', 'sku');
    await server.pause();
    await on.read('strong', 'sku');
    const startedMs = performance.now();
    for (let request = 0; request < 50; request += 1) await on.read('strong', `sku-${request}`);

    expect(performance.now() - startedMs).toBeLessThan(DEADLINE_MS);
    expect(origins.strong.loads).toHaveLength(52);
  });

  it.each(LEVELS.filter((level) => level !== 'linearizable'))(
    'H6 takes a reply that belongs to another key for a miss, and gives the connection up (%s)',
    async (level) => {
      const on = await start({ levels: [level] });
      origins[level].answer = async (sku) => `the price of ${sku as string}`;
      const read = (sku: string) => on.read(level, sku);
      const inSession = async <T>(work: () => Promise<T>): Promise<T> =>
        (await on.sessions.run(undefined, work)).result;
      await inSession(async () => {
        await read('a');
        await read('b');
        proxy.swapReplies((reply) => reply.includes('the price of'));
        const a = read('a');
        await new Promise((resolve) => setImmediate(resolve));
        const b = read('b');

        expect(await Promise.all([a, b])).toEqual(['the price of a', 'the price of b']);
      });
      expect(on.figuresAt(level).wrongEntries).toBeGreaterThan(0);
      expect(on.metrics.storeFigures().connectionsDropped).toBeGreaterThan(0);
      await withinMs(SOON_MS, async () => {
        await read('a');
        return on.figuresAt(level).hit > 0 || level === 'session';
      });
      expect([await read('a'), await read('b')]).toEqual(['the price of a', 'the price of b']);
    },
  );

  it('takes what it cannot read for an absent entry, whoever wrote it', async () => {
    const on = await start({ levels: ['strong'] });
    await on.read('strong', 'sku');
    const namespace = `trouble-${tests}:`;
    const keys = ((await server.command('KEYS', `${namespace}*`)) as string[]).filter(
      (key) => !key.startsWith(`${namespace}v:`) && key !== `${namespace}store:`,
    );
    expect(keys).toHaveLength(1);
    const [key = ''] = keys;
    const text = String(await server.command('GET', key));
    const foreign = ['', 'null', '[]', '{"value":1}', 'garbage', '\u0000\u00ff', text.slice(0, -10), `${text}]`];
    foreign.push(text.replace('ncc1', 'ncc0'), text.replace('ncc1', 'ncc2'), text.slice(0, text.length / 2));
    for (const [index, each] of foreign.entries()) {
      await server.command('SET', key, each);
      expect(await on.read('strong', 'sku')).toBe(index + 2);
    }
    await server.command('DEL', key);
    await server.command('LPUSH', key, 'another type');

    expect(await on.read('strong', 'sku')).toBe(foreign.length + 2);
    expect(on.figuresAt('strong')).toMatchObject({ loadErrors: 0, hit: 0 });
  });
});
