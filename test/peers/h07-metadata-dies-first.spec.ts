import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { Instance, newOrigins } from '../cases/instances.js';
import { EngineUnderTest } from '../support/engine-under-test.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';

// Peers keep "tag X was evicted at t" beside the entries. When that note expires, or an LRU drops it, before the entries
// do, the evicted entries are valid again. cache-manager has no tags at all. Here a version that is gone is a miss.

it('an evicted entry does not come back when the versions forget what was evicted', async () => {
  const engine = new EngineUnderTest({ versions: new InProcessVersionStore(6) });
  let price = 1;
  const read = engine.cached<[sku: string], number>(
    { name: 'prices', consistency: 'strong', tags: { product: (sku) => sku } },
    async () => price,
  );
  await read('a');
  price = 2;
  await engine.evict('product', 'a');

  // Many other tags pass through, so that whatever was noted about 'a' is long forgotten.
  for (let other = 0; other < 20; other += 1) await read(`other ${other}`);

  expect(await read('a')).toBe(2);
});

it('an entry whose tag was forgotten is a miss, never "not evicted"', async () => {
  const engine = new EngineUnderTest({ versions: new InProcessVersionStore(6) });
  const read = engine.cached<[sku: string], number>(
    { name: 'prices', consistency: 'strong', tags: { product: (sku) => sku } },
    async () => 1,
  );
  await read('a');
  for (let other = 0; other < 20; other += 1) await read(`other ${other}`);
  engine.story();

  await read('a');

  expect(engine.story()[0]).toBe('entry-missed prices superseded');
});

describeWithRedis('a Redis that drops the versions and keeps the entries', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it.each(['strong', 'bounded', 'eventual', 'immutable'] as const)('revives nothing at %s', async (level) => {
    const origins = newOrigins();
    const sharedStore = redisStore({ url: server.url });
    const instance = await Instance.start(origins, { levels: [level], namespace: level, copies: false, sharedStore });
    expect([await instance.read(level, 'sku'), await instance.read(level, 'sku')]).toEqual([1, 1]);
    await instance.write(level, 'sku');
    const versions = (await server.command('KEYS', `${level}:v:*`)) as string[];
    await server.command('DEL', ...versions);

    expect([await instance.read(level, 'sku'), await instance.read(level, 'sku')]).toEqual([2, 2]);
    await server.command('DEL', ...versions);
    expect(await instance.read(level, 'sku')).toBe(3);
    await instance.close();
  });
});
