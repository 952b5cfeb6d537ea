import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { versionKey } from '../../../src/coordination/redis/redis-keys.js';
import { RedisVersionStore } from '../../../src/coordination/redis/redis-version-store.js';
import type { SharedStoreEvent } from '../../../src/coordination/shared-store.js';
import { StoreUnavailableError } from '../../../src/resilience/deadline.js';
import { openRedisLink, type LinkUnderTest } from '../../support/redis-link.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { withinMs } from '../../support/within.js';

const TAGS = { common: ['fproduct'], own: ['v7:product:1'] };
const DEADLINE_MS = 150;

describeWithRedis('versions in Redis', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let writers: LinkUnderTest;
  let readers: LinkUnderTest;
  let told: SharedStoreEvent[];
  let writer: RedisVersionStore;
  let reader: RedisVersionStore;

  beforeEach(async () => {
    server = await startRedis();
    proxy = await startTcpProxy(server.port);
    [writers, readers] = await Promise.all([
      openRedisLink({ url: `redis://127.0.0.1:${proxy.port}` }),
      openRedisLink(server),
    ]);
    told = [];
    writer = new RedisVersionStore(writers.link, 'shop', (event) => told.push(event));
    reader = new RedisVersionStore(readers.link, 'shop', () => undefined);
  });
  afterEach(async () => {
    proxy.resume();
    await Promise.all([writers.link.close(), readers.link.close()]);
    await proxy.stop();
    await server.stop();
  });

  const minted = (store: RedisVersionStore) =>
    withinMs(5000, async () => (await store.readOrMint(TAGS)).tags.length > 0);
  const settled = () => withinMs(5000, async () => told.some(({ type }) => type === 'eviction-settled'));

  it.each([
    ['empty', { empty: true }],
    ['on what it remembered', {}],
  ])('from before a restart %s are not current', async (_, how) => {
    const remembered = await reader.readOrMint(TAGS);
    await server.snapshot();
    await writer.bump(['fproduct']);
    const replaced = await reader.readOrMint(TAGS);
    const { epoch } = await readers.link.get('any');
    await server.restart(how);
    await withinMs(5000, async () => (await readers.link.get('any')).epoch !== epoch);

    expect(await reader.isCurrent(remembered)).toBe(false);
    expect(await reader.isCurrent(replaced)).toBe(false);
    expect(reader.epoch).not.toBe(epoch);
    await Promise.all([minted(reader), minted(writer)]);
    expect(await reader.isCurrent(remembered)).toBe(false);
    expect(await writer.isCurrent(replaced)).toBe(false);
    expect(await writer.isCurrent(await reader.readOrMint(TAGS))).toBe(true);
  });

  it.each([
    ['everything is flushed', ['FLUSHALL']],
    ['one is dropped for room', ['DEL', versionKey('shop', 'v7:product:1')]],
  ])('are not current any more when %s', async (_, command) => {
    const before = await reader.readOrMint(TAGS);
    await server.command(...command);

    expect(await reader.isCurrent(before)).toBe(false);
    // Its road leads through this process, and is cut for a moment when that stands still.
    await withinMs(5_000, async () => (await writer.readOrMint(TAGS)).tags.length > 0);
    expect(await reader.isCurrent(before)).toBe(false);
  });

  it('cannot be replaced in a hung server, which is told in time, owed, and made good', async () => {
    const before = await writer.readOrMint(TAGS);
    await server.pause();
    const startMs = performance.now();
    await expect(writer.bump(TAGS.own)).rejects.toThrow(StoreUnavailableError);
    expect(performance.now() - startMs).toBeLessThan(DEADLINE_MS * 2);
    expect(told).toEqual([{ type: 'eviction-owed', tags: TAGS.own }]);
    expect(writer.isCurrent(before)).toBe(false);

    await server.resume();
    await settled();
    expect(await reader.isCurrent(before)).toBe(false);
    expect(told).toHaveLength(2);
  });

  it('that were written too late replace, and restore nothing', async () => {
    const first = await reader.readOrMint(TAGS);
    proxy.halfOpen();
    // Leaves the writer, and lies on the way while others go on.
    await expect(writer.bump(TAGS.own)).rejects.toThrow(StoreUnavailableError);
    await reader.bump(TAGS.own);
    const second = await reader.readOrMint(TAGS);
    proxy.resume();
    await settled();

    const third = await reader.readOrMint(TAGS);
    expect(new Set([first, second, third].map(({ versions }) => versions[1])).size).toBe(3);
    expect(await reader.isCurrent(first)).toBe(false);
    expect(await reader.isCurrent(second)).toBe(false);
    expect(await writer.isCurrent(third)).toBe(true);
  });

  it('that are owed are replaced after the connection was cut, or the server killed', async () => {
    const before = await reader.readOrMint(TAGS);
    proxy.cut();
    await expect(writer.bump(TAGS.own)).rejects.toThrow(StoreUnavailableError);
    expect(await reader.isCurrent(before)).toBe(true);
    proxy.resume();
    await settled();
    expect(await reader.isCurrent(before)).toBe(false);

    told.length = 0;
    await server.kill();
    await expect(writer.bump(TAGS.own)).rejects.toThrow(StoreUnavailableError);
    await server.restart();
    await settled();
    await minted(writer);
  });
});
