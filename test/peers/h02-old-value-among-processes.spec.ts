import { afterAll, beforeAll, expect, it } from '@jest/globals';
import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import type { Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { Instance, newOrigins } from '../cases/instances.js';
import { Deferred } from '../support/deferred.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';

// H1 on the shared store: one process loads while another evicts, and what it then stores is served to both for a whole
// ttl. Nothing that the loading process could look at tells it that the value is outdated; here the entry's versions do.

describeWithRedis('a load in one process and an eviction in another', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  it('leave the peer with the old value in both', async () => {
    const adapters = [new KeyvRedis<string>(server.url), new KeyvRedis<string>(server.url)];
    const [one, other] = adapters.map((store) => createCache({ stores: [new Keyv({ store })] })) as [Cache, Cache];
    const { load, commit, answerFirst, reached } = changing();
    const before = one.wrap('price', load, 60_000);
    await reached;
    commit();
    await other.del('price');
    answerFirst();

    expect([await before, await other.wrap('price', load, 60_000), await one.wrap('price', load, 60_000)]).toEqual([
      1, 1, 1,
    ]);
    await Promise.all(adapters.map((adapter) => adapter.disconnect(true)));
  });

  it.each(['strong', 'bounded', 'eventual'] as const)('leave nobody with the old value at %s', async (level) => {
    const origins = newOrigins();
    const start = () => {
      const sharedStore = redisStore({ url: server.url });
      return Instance.start(origins, { levels: [level], sharedStore, namespace: level, storeDeadline: '5s' });
    };
    const [one, other] = [await start(), await start()];
    const { load, commit, answerFirst, reached } = changing();
    origins[level].answer = load;
    origins[level].writeAnswer = async () => {
      commit();
    };
    const before = one.read(level, 'price');
    await reached;
    await other.write(level, 'price');
    answerFirst();

    expect([await before, await other.read(level, 'price'), await one.read(level, 'price')]).toEqual([1, 2, 2]);
    await Promise.all([one.close(), other.close()]);
  });
});

/** A price that is changed while its first load is on its way with the old one. */
function changing() {
  const [begun, first] = [new Deferred(), new Deferred()];
  let price = 1;
  let loads = 0;

  return {
    reached: begun.promise,
    load: async () => {
      const read = price;
      loads += 1;
      begun.resolve();
      if (loads === 1) await first.promise;
      return read;
    },
    commit: () => {
      price = 2;
    },
    answerFirst: () => {
      first.resolve();
    },
  };
}
