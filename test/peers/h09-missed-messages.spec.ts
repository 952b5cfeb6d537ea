import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { Instance, newOrigins } from '../cases/instances.js';
import { lookupsOf } from '../support/redis-figures.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { startTcpProxy } from '../support/tcp-proxy.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { withinMs } from '../support/within.js';

// Peers tell other processes of an eviction by a message; one that is lost is never made up for, and the copy over there
// is served for as long as it lives (bentocache: a tag unseen for up to ten days). cache-manager sends none at all. Here a
// copy answers only while the feed proves its silence, and a feed that was lost forgets every copy.

describeWithRedis('a copy in a process that misses the eviction', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  beforeAll(async () => {
    server = await startRedis();
    proxy = await startTcpProxy(server.port);
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  it.each([
    ['is cut off', 'cut'],
    ['has a connection that is half open', 'halfOpen'],
  ] as const)('is not served when its process %s and comes back', async (_, breaks) => {
    const origins = newOrigins();
    let price = 1;
    // Nothing but the feed ends an immutable copy.
    origins.immutable.answer = async () => price;
    origins.immutable.writeAnswer = async () => (price = 2);
    const start = (port: number) =>
      Instance.start(origins, {
        levels: ['immutable'],
        sharedStore: redisStore({ url: `redis://127.0.0.1:${port}`, probeInterval: '50ms', silence: '500ms' }),
        namespace: breaks,
      });
    const [here, there] = [await start(server.port), await start(proxy.port)];
    expect([await here.read('immutable', 'sku'), await there.read('immutable', 'sku')]).toEqual([1, 1]);

    /** By another copy, so that this one is not asked for. */
    const untilCopiesAnswer = () =>
      withinMs(5_000, async () => {
        const before = await lookupsOf(server);
        await there.read('immutable', 'another');
        return (await lookupsOf(server)) === before;
      });
    await untilCopiesAnswer();

    proxy[breaks]();
    await here.write('immutable', 'sku');
    // Until nothing proves its copies any more, so that it asks, and is not answered.
    await withinMs(5_000, async () => {
      await there.read('immutable', 'another');
      return there.metrics.storeFigures().suspended > 0;
    });
    proxy.resume();

    // Whoever cannot reach the store does not ask it either: first it has to find its way back.
    await withinMs(5_000, async () => there.metrics.storeFigures().suspendedMsTotal > 0);
    await untilCopiesAnswer();
    expect(await there.read('immutable', 'sku')).toBe(2);
    await Promise.all([here.close(), there.close()]);
  });
});
