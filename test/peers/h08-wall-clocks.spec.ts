import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { Instance, newOrigins } from '../cases/instances.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';

// Peers stamp entries by the clock of the host that loads, and judge them by the clock of the host that reads
// (bentocache, Next): a host whose clock is behind serves what is too old. Here both are told by the Redis.

describeWithRedis('a host whose clock is wrong', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => server.stop());

  it.each([-3_600_000, 3_600_000])('judges the age of an entry as any other does (%s ms)', async (offByMs) => {
    const origins = newOrigins();
    const start = () =>
      Instance.start(origins, {
        levels: ['bounded'],
        sharedStore: redisStore({ url: server.url }),
        namespace: `clock${offByMs}`,
        copies: false,
      });
    const right = await start();
    await right.read('bounded', 'sku');
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() + offByMs);
    const wrong = await start();

    // By its own clock the entry would be an hour too old, or an hour from the end of its five seconds.
    expect(await wrong.read('bounded', 'sku')).toBe(1);
    const served = wrong.events.find(({ type }) => type === 'entry-served');
    expect(served).toMatchObject({ outcome: 'hit' });
    expect((served as { readonly ageMs: number }).ageMs).toBeLessThan(5_000);
    expect((served as { readonly ageMs: number }).ageMs).toBeGreaterThanOrEqual(0);
    await Promise.all([right.close(), wrong.close()]);
  });
});
