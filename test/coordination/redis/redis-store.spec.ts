import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { redisStore, type RedisStoreOptions } from 'nestjs-consistent-cache/redis';
import type { OpenStore, SharedStoreContext, SharedStoreEvent } from '../../../src/coordination/shared-store.js';
import { SystemClock } from '../../../src/time/clock.js';
import { startRedisCluster, type RedisCluster } from '../../support/redis-cluster.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { withinMs } from '../../support/within.js';

const events: SharedStoreEvent[] = [];
const CONTEXT: SharedStoreContext = {
  namespace: 'shop',
  deadlineMs: 150,
  copiedTags: 1_000,
  clock: new SystemClock(),
  report: (event) => events.push(event),
};
const TAGS = { common: ['cache:prices'], own: ['product:1'] };

describe('the options of a Redis store', () => {
  it.each([
    ['no address', {}, 'exactly one of url, urls and client'],
    ['two addresses', { url: 'redis://a', urls: ['redis://b'] }, 'exactly one of url, urls and client'],
    ['no urls', { urls: [] }, 'It has no urls'],
    ['something else as a url', { url: 'http://:secret@a' }, 'The url is not one of Redis'],
    ['something else as a client', { client: new Map() }, 'The client is neither'],
    ['no time to connect', { url: 'redis://a', connectTimeout: 0 }, 'connectTimeout is 0'],
    ['no time for two probes', { url: 'redis://a', silence: '400ms' }, 'silence (400ms) leaves no time'],
    ['a time that is none', { url: 'redis://a', silence: 'long' }, "'long' is not a duration"],
  ])('are refused at once with %s', (_, options, message) => {
    expect(() => redisStore(options as RedisStoreOptions)).toThrow(message);
  });
});

describeWithRedis('a Redis store', () => {
  let server: RedisServer;
  let store: OpenStore | undefined;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    events.length = 0;
  });
  afterAll(() => server.stop());

  it('keeps values as the text that they were given as, where they were put', async () => {
    store = await redisStore({ url: server.url }).open(CONTEXT);
    await store.cache.set('shop:a', '{"v":1}', 60_000);

    expect(await server.command('GET', 'shop:a')).toBe('{"v":1}');
    expect(Number(await server.command('PTTL', 'shop:a'))).toBeGreaterThan(59_000);
    expect(await store.texts.get('shop:a')).toBe('{"v":1}');
    expect(await store.cache.get('shop:a')).toBe('{"v":1}');
    await store.cache.del('shop:a');
    expect(await store.texts.get('shop:a')).toBeUndefined();
  });

  it('never clears what may be somebody else’s', async () => {
    await server.command('SET', 'theirs', '1');
    store = await redisStore({ url: server.url }).open(CONTEXT);
    await store.cache.clear().catch(() => undefined);

    expect(await server.command('GET', 'theirs')).toBe('1');
  });

  it('listens to nothing where nobody keeps copies', async () => {
    const connections = async (): Promise<number> =>
      String(await server.command('CLIENT', 'LIST', 'TYPE', 'NORMAL'))
        .trim()
        .split('\n').length;
    const before = await connections();
    store = await redisStore({ url: server.url }).open({ ...CONTEXT, copiedTags: undefined });

    expect((await connections()) - before).toBe(1);
    expect(store.feed.isProven()).toBe(false);
  });

  it('rejects a write that failed', async () => {
    store = await redisStore({ url: server.url }).open(CONTEXT);
    await server.pause();
    const written = store.cache.set('shop:a', 'text', 1000);

    await expect(written).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await server.resume();
  });

  it('coordinates two processes', async () => {
    store = await redisStore({ url: server.url }).open(CONTEXT);
    const other = await redisStore({ url: server.url }).open(CONTEXT);
    const snapshot = await store.versions.readOrMint(TAGS);
    expect(await other.versions.isCurrent(snapshot)).toBe(true);

    const announcement = await other.intents.announce(['product:1']);
    expect(await store.intents.pending(['product:1'])).toBe(true);
    await other.versions.bump(['product:1']);
    await announcement.withdraw();

    expect(await store.versions.isCurrent(snapshot)).toBe(false);
    expect(Math.abs(store.clock.nowMs() - Date.now())).toBeLessThan(1000);
    await withinMs(2000, async () => store?.feed.isProven() === true);
    await other.close();
  });

  it('has the same id for all who share it, and another in another database or once it was emptied', async () => {
    const idOf = async (url: string): Promise<string> => {
      const opened = await redisStore({ url }).open(CONTEXT);
      await opened.close();
      return opened.id;
    };
    const [first, second, elsewhere] = await Promise.all([idOf(server.url), idOf(server.url), idOf(`${server.url}/1`)]);
    await server.command('FLUSHALL');
    const emptied = await idOf(server.url);

    expect(second).toBe(first);
    expect(new Set([first, elsewhere, emptied]).size).toBe(3);
  });

  it('starts without an id that can be kept', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
    store = await redisStore({ url: server.url }).open({ ...CONTEXT, namespace: 'full' });
    await server.command('CONFIG', 'SET', 'maxmemory', '0');

    expect(store.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('says what it can do, and what keeps it from more', async () => {
    await server.command('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-policy', 'allkeys-lru');
    store = await redisStore({ url: server.url }).open(CONTEXT);
    await server.command('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');

    expect([...store.capabilities.has]).toEqual(['sharedVersions', 'knownEpoch', 'tickets']);
    expect(store.capabilities.missingBecause.intents).toContain('allkeys-lru');
  });

  it('takes over the address and the login of a client, and leaves the client alone', async () => {
    await server.command('ACL', 'SETUSER', 'some', 'on', '>p@ss', '~shop:*', '+@all');
    const client = createClient({ url: `redis://some:p%40ss@127.0.0.1:${server.port}` });
    client.on('error', () => undefined);
    store = await redisStore({ client }).open(CONTEXT);

    expect(await store.texts.get('shop:none')).toBeUndefined();
    expect(client.isOpen).toBe(false);
  });

  it('is refused to a user who may not touch its keys', async () => {
    await server.command('ACL', 'SETUSER', 'guest', 'on', '>p@ss', '~theirs:*', '+@all');
    const opening = redisStore({ url: `redis://guest:p%40ss@127.0.0.1:${server.port}` }).open(CONTEXT);

    await expect(opening).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      what: 'The user may not read and write keys under shop:',
    });
  });

  it('is refused in time where it cannot become ready, and leaves nothing open', async () => {
    const proxy = await startTcpProxy(server.port);
    proxy.halfOpen();
    const started = performance.now();
    const opening = redisStore({ url: `redis://127.0.0.1:${proxy.port}`, connectTimeout: 400 }).open(CONTEXT);

    await expect(opening).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      what: 'It cannot be reached: no answer in time',
    });
    expect(performance.now() - started).toBeLessThan(1000);
    await proxy.stop();
    await withinMs(
      1000,
      async () =>
        String(await server.command('CLIENT', 'LIST'))
          .trim()
          .split('\n').length === 1,
    );
  });

  it('drops the connection that it does not trust, says so, and goes on', async () => {
    store = await redisStore({ url: server.url }).open(CONTEXT);
    store.texts.distrust();

    await withinMs(2000, async () => (await store?.texts.get('shop:none')) === undefined);
    expect(events.map(({ type }) => type)).toContain('connection-dropped');
  });
});

describeWithRedis('a Redis store in a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  it('coordinates two processes', async () => {
    const store = await redisStore({ urls: cluster.urls }).open(CONTEXT);
    const other = await redisStore({ urls: cluster.urls.slice(1) }).open(CONTEXT);
    const snapshot = await store.versions.readOrMint(TAGS);
    expect(await other.versions.isCurrent(snapshot)).toBe(true);
    await other.versions.bump(['product:1']);

    expect(await store.versions.isCurrent(snapshot)).toBe(false);
    await withinMs(3000, async () => store.feed.isProven());
    await Promise.all([store.close(), other.close()]);
  });

  it('is refused as a single server', async () => {
    const [url = ''] = cluster.urls;

    await expect(redisStore({ url }).open(CONTEXT)).rejects.toMatchObject({ what: 'It is a node of a cluster' });
  });
});
