import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { EvictionFailedError } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { setTimeout as sleep } from 'node:timers/promises';
import { Instance, newOrigins } from '../cases/instances.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';

// H6, H10 and H12 with a real Redis. On default options the peer's calls wait for as long as the Redis hangs; with one
// that takes no writes its eviction is reported as done; and what it does in the background rejects with nobody to hear it.

describeWithRedis('a Redis that hangs or is down', () => {
  let server: RedisServer;
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeAll(async () => {
    server = await startRedis();
    process.on('unhandledRejection', note);
  });
  afterEach(() => server.resume());
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await server.stop();
  });

  const startOurs = async () => {
    const origins = newOrigins();
    const sharedStore = redisStore({ url: server.url, probeInterval: '50ms' });

    return { origins, ours: await Instance.start(origins, { sharedStore, storeDeadline: '100ms' }) };
  };

  it('H10 freezes the peer’s readers for as long as it hangs', async () => {
    const adapter = new KeyvRedis<string>(server.url);
    const cache = createCache({ stores: [new Keyv({ store: adapter })] });
    await cache.set('price', 1, 60_000);
    await server.pause();
    const read = cache.wrap('price', async () => 2);
    expect(await Promise.race([read, sleep(500, 'still waiting')])).toBe('still waiting');
    await server.resume();

    expect(await read).toBe(1);
    await adapter.disconnect(true);
  });

  it('H10 costs our readers one deadline, and the next ones nothing', async () => {
    const { ours } = await startOurs();
    await ours.read('strong', 'price');
    await server.pause();
    const startedMs = performance.now();
    for (let reader = 0; reader < 20; reader += 1) await ours.read('strong', 'price');

    expect(performance.now() - startedMs).toBeLessThan(500);
    await server.resume();
    await ours.close();
  });

  it('H6 lets the peer report an eviction as done that never was, and serve the old value afterwards', async () => {
    const adapter = new KeyvRedis<string>(server.url);
    const keyv = new Keyv({ store: adapter });
    keyv.on('error', () => undefined);
    const cache = createCache({ stores: [keyv] });
    await cache.set('price', 1, 60_000);
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    const deleted = await cache.del('price');
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', '0');

    expect(deleted).toBe(true);
    expect(await cache.get('price')).toBe(1);
    await adapter.disconnect(true);
  });

  it('H6 makes our eviction an error to its writer where it takes no writes, and is not served the old value', async () => {
    const { ours, origins } = await startOurs();
    let price = 1;
    origins.strong.answer = async () => price;
    origins.strong.writeAnswer = async () => (price = 2);
    await ours.read('strong', 'price');
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    await expect(ours.write('strong', 'price')).rejects.toBeInstanceOf(EvictionFailedError);
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', '0');

    expect(await ours.read('strong', 'price')).toBe(2);
    await ours.close();
  });

  it('H6 H12 makes our eviction an error to its writer, and leaves no rejection to nobody', async () => {
    const { ours, origins } = await startOurs();
    let price = 1;
    origins.strong.answer = async () => price;
    origins.strong.writeAnswer = async () => (price = 2);
    await ours.read('strong', 'price');
    await server.kill();

    await expect(ours.write('strong', 'price')).rejects.toBeInstanceOf(EvictionFailedError);
    expect(await ours.read('strong', 'price')).toBe(2);
    await server.restart();
    expect(await ours.read('strong', 'price')).toBe(2);
    await ours.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});
