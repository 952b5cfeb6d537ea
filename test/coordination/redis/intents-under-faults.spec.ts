import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { intentKey } from '../../../src/coordination/redis/redis-keys.js';
import { RedisVersionStore } from '../../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../../src/coordination/redis/redis-write-intents.js';
import { SystemClock } from '../../../src/time/clock.js';
import { openRedisLink, type LinkUnderTest } from '../../support/redis-link.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { withinMs } from '../../support/within.js';

const LEASE_MS = 1000;
const LONG_LEASE_MS = 3000;
const TAG = 'v7:product:1';

describeWithRedis('announced writes in Redis', () => {
  let server: RedisServer;
  let writers: LinkUnderTest;
  let readers: LinkUnderTest;
  let writer: RedisWriteIntents;
  let reader: RedisWriteIntents;

  beforeEach(async () => {
    server = await startRedis();
    [writers, readers] = await Promise.all([openRedisLink(server), openRedisLink(server)]);
    writer = new RedisWriteIntents(writers.link, 'shop', new SystemClock(), LEASE_MS);
    reader = new RedisWriteIntents(readers.link, 'shop', new SystemClock(), LEASE_MS);
    await withinMs(5000, nothingPending);
  });
  afterEach(async () => {
    await Promise.all([writers.link.close(), readers.link.close()]);
    await server.stop();
  });

  const nothingPending = async () => !(await reader.pending([TAG]));
  const isPending = () => reader.pending([TAG]);
  const members = async () => Number(await server.command('ZCARD', intentKey('shop', TAG)));

  it('last longer than their lease while they are held', async () => {
    const announcement = await writer.announce([TAG]);
    const untilMs = performance.now() + 2.5 * LEASE_MS;
    while (performance.now() < untilMs) expect(await isPending()).toBe(true);

    expect(announcement.lost).toBe(false);
    await announcement.confirm();
    await announcement.withdraw();
    expect(await isPending()).toBe(false);
  });

  it('of a process that died end with their lease, and leave nothing', async () => {
    const announcement = await writer.announce([TAG]);
    const startMs = performance.now();
    await writers.link.close();

    await withinMs(3 * LEASE_MS, nothingPending);
    // A renewal may have been sent just before; the server's clock counts whole milliseconds.
    expect(performance.now() - startMs).toBeGreaterThan(LEASE_MS - 10);
    expect(announcement.lost).toBe(true);
    expect(await members()).toBe(0);
  });

  it('are kept in a key without an end, which is not the first to be dropped for room', async () => {
    await writer.announce([TAG]);

    expect(await server.command('PTTL', intentKey('shop', TAG))).toBe(-1);
  });

  it('are seen by whoever sees a version that was replaced right after, without waiting', async () => {
    const write = new RedisVersionStore(writers.link, 'shop', () => undefined);
    const read = new RedisVersionStore(readers.link, 'shop', () => undefined);
    let unseen = 0;
    for (let round = 0; round < 200; round += 1) {
      const before = await read.readOrMint({ common: [], own: [TAG] });
      const announced = writer.announce([TAG]);
      const bumped = write.bump([TAG]);
      while (await read.isCurrent(before)) continue;
      if (!(await isPending())) unseen += 1;
      await bumped;
      await (await announced).withdraw();
    }

    expect(unseen).toBe(0);
  });

  it('are pending after a restart that forgot them, until their writers have announced them again', async () => {
    // Long enough for both to find the server again well within it, as it must be.
    const [write, read] = [writers, readers].map(
      ({ link }) => new RedisWriteIntents(link, 'shop', new SystemClock(), LONG_LEASE_MS),
    );
    const announcement = await write?.announce([TAG]);
    const { epoch } = await readers.link.get('any');
    await server.restart({ empty: true });
    await withinMs(5000, async () => (await readers.link.get('any')).epoch !== epoch);

    expect(await read?.pending([TAG])).toBe(true);
    await withinMs(LONG_LEASE_MS, async () => (await members()) === 1);
    // The writer hears of it a moment after the server has done it.
    await withinMs(LONG_LEASE_MS / 3, async () => announcement?.lost === true);
    await expect(announcement?.confirm()).rejects.toThrow('lost the announcement');
    const untilMs = performance.now() + LONG_LEASE_MS;
    while (performance.now() < untilMs) expect(await read?.pending([TAG])).toBe(true);

    await announcement?.withdraw();
    await withinMs(5000, async () => (await read?.pending([TAG])) === false);
  }, 20_000);

  it('cannot be made or confirmed in a hung server, and do not come back when it wakes', async () => {
    const held = await writer.announce([TAG]);
    await server.pause();
    await expect(held.confirm()).rejects.toThrow();
    await expect(writer.announce(['v7:product:2'])).rejects.toThrow();
    await withinMs(3 * LEASE_MS, async () => held.lost);
    await server.resume();

    await withinMs(5000, async () => !(await reader.pending(['v7:product:2'])));
    await held.withdraw();
  });
});
