import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { RedisInvalidationFeed } from '../../../src/coordination/redis/redis-invalidation-feed.js';
import { RedisLink } from '../../../src/coordination/redis/redis-link.js';
import type { RedisEndpoint } from '../../../src/coordination/redis/redis-link.js';
import { optionsOfUrl } from '../../../src/coordination/redis/redis-url.js';
import { versionKey } from '../../../src/coordination/redis/redis-keys.js';
import { RedisVersionStore } from '../../../src/coordination/redis/redis-version-store.js';
import type { WatchedSnapshot } from '../../../src/coordination/invalidation-feed.js';
import { SystemClock } from '../../../src/time/clock.js';
import { openRedisLink } from '../../support/redis-link.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { withinMs } from '../../support/within.js';

const QUICK = { proofMs: 200, intervalMs: 20, silenceMs: 300 };
const TAGS = { common: ['family'], own: ['a'] };

/** A process: its link, its versions, and what it hears. */
class Instance {
  static async of(server: RedisServer, url: string): Promise<Instance> {
    const { link } = await openRedisLink({ url });
    const feed = new RedisInvalidationFeed(link, new SystemClock(), 'ns', QUICK);
    const versions = new RedisVersionStore(link, 'ns', () => undefined, { watch: feed.versionWatch });
    feed.start();
    const instance = new Instance(server, feed, versions, async () => {
      feed.close();
      await link.close();
    });
    await instance.proven();

    return instance;
  }

  private constructor(
    private readonly server: RedisServer,
    readonly feed: RedisInvalidationFeed,
    readonly versions: RedisVersionStore,
    readonly close: () => Promise<void>,
  ) {}

  proven(limitMs = 5_000): Promise<void> {
    return withinMs(limitMs, () => Promise.resolve(this.feed.isProven()));
  }

  unproven(limitMs = 5_000): Promise<void> {
    return withinMs(limitMs, () => Promise.resolve(!this.feed.isProven()));
  }

  /** Reads the versions, minting them where there are none, and waits until what is on its way about them has been heard. */
  async watched(): Promise<WatchedSnapshot> {
    let watched: WatchedSnapshot | undefined;
    await withinMs(5_000, async () => {
      const snapshot = await this.versions.readOrMint(TAGS);
      await heardAllUntilNow(this.feed, this.server);
      watched = this.feed.watch(snapshot);
      return watched !== undefined;
    });
    if (watched === undefined) throw new Error('nothing is watched');

    return watched;
  }
}

/** A link of which only the masters count. */
class SettableMasters extends RedisLink {
  urls: readonly string[];
  lost: () => void = () => undefined;

  constructor(...urls: readonly string[]) {
    super();
    this.urls = urls;
  }

  override endpoints(): readonly RedisEndpoint[] {
    return this.urls.map((url) => ({ node: url, clientOptions: { ...optionsOfUrl(url) } }));
  }

  override onLost(listener: () => void): () => void {
    this.lost = listener;

    return () => undefined;
  }

  override get = () => Promise.reject(new Error('nobody asks'));
  override getAll = () => Promise.reject(new Error('nobody asks'));
  override send = () => Promise.reject(new Error('nobody asks'));
  override epochOf = () => undefined;
  override onProbe = () => () => undefined;
  override drop = () => undefined;
  override close = () => Promise.resolve();
}

/** Waits until a write that is made now has been heard of. */
async function heardAllUntilNow(feed: RedisInvalidationFeed, server: RedisServer): Promise<void> {
  feed.versionWatch.expect(['marker']).learn(['1']);
  const marker = feed.watch({ tags: ['marker'], versions: ['1'] });
  if (marker === undefined) throw new Error('nothing is heard');
  await server.command('SET', versionKey('ns', 'marker'), '2');
  await outdated(marker);
}

async function outdated(snapshot: WatchedSnapshot): Promise<number> {
  const startMs = performance.now();
  await withinMs(5_000, () => Promise.resolve(!snapshot.isCurrent));

  return performance.now() - startMs;
}

describeWithRedis('what other processes evict', () => {
  let server: RedisServer;
  let instances: Instance[] = [];
  let proxies: TcpProxy[] = [];
  beforeAll(async () => {
    server = await startRedis({ password: 'secret' });
  });
  afterEach(async () => {
    await server.resume();
    await Promise.all([...instances.map((instance) => instance.close()), ...proxies.map((proxy) => proxy.stop())]);
    [instances, proxies] = [[], []];
  });
  afterAll(() => server.stop());

  async function instance(url = server.url): Promise<Instance> {
    const made = await Instance.of(server, url);
    instances.push(made);

    return made;
  }

  async function proxied(): Promise<{ readonly proxy: TcpProxy; readonly behind: Instance }> {
    const proxy = await startTcpProxy(server.port);
    proxies.push(proxy);

    return { proxy, behind: await instance(server.url.replace(String(server.port), String(proxy.port))) };
  }

  it.each([['a'], ['family']])('outdates the watched snapshots of tag %s, and no others', async (tag) => {
    const [reader, writer] = [await instance(), await instance()];
    const watched = await reader.watched();

    await writer.versions.bump(['something else']);
    await writer.versions.bump([tag]);

    expect(await outdated(watched)).toBeLessThan(1_000);
    expect(reader.feed.isProven()).toBe(true);
  });

  it('is heard of before a proof from after it', async () => {
    const [reader, writer] = [await instance(), await instance()];
    for (let round = 0; round < 100; round += 1) {
      const watched = await reader.watched();
      await writer.versions.bump(['a']);
      const acknowledgedMs = performance.now();
      // A proof that is older than the eviction may say nothing of it; no later one may.
      await withinMs(5_000, () =>
        Promise.resolve(!watched.isCurrent || performance.now() - acknowledgedMs > QUICK.proofMs + 50),
      );
      expect(watched.isCurrent).toBe(false);
    }
  });

  it('is outdated in the process that evicts when its writer hears that it is done', async () => {
    const writer = await instance();
    const watched = await writer.watched();

    await writer.versions.bump(['a']);

    expect(watched.isCurrent).toBe(false);
  });

  it('includes versions that were deleted', async () => {
    const reader = await instance();
    const watched = await reader.watched();

    await server.command('DEL', versionKey('ns', 'a'));

    await outdated(watched);
  });

  it('is everything when the whole store is emptied', async () => {
    const reader = await instance();
    const watched = await reader.watched();

    await server.command('FLUSHALL');

    await outdated(watched);
    expect((await reader.watched()).isCurrent).toBe(true);
  });

  it('is not known of while the server hangs, and heard of when it goes on', async () => {
    const reader = await instance();
    const watched = await reader.watched();

    await server.pause();
    await reader.unproven(QUICK.proofMs + 150);
    expect(watched.isCurrent).toBe(true);
    await server.resume();

    await reader.proven();
    expect((await reader.watched()).isCurrent).toBe(true);
  });

  it('that a short hang delayed is not lost', async () => {
    const [reader, writer] = [await instance(), await instance()];
    const watched = await reader.watched();

    await server.pause();
    const bumped = writer.versions.bump(['a']).catch(() => undefined);
    await reader.unproven();
    await server.resume();
    await bumped;

    await reader.proven();
    await outdated(watched);
  });

  it('is outdated when the connection comes back after a cut, whatever happened', async () => {
    const { proxy, behind } = await proxied();
    const watched = await behind.watched();

    proxy.cut();
    await behind.unproven(50);
    expect(watched.isCurrent).toBe(true);
    proxy.resume();

    await behind.proven();
    expect(watched.isCurrent).toBe(false);
    expect((await behind.watched()).isCurrent).toBe(true);
  });

  it('cannot be proven over a connection from which nothing comes any more', async () => {
    const [{ proxy, behind }, writer] = [await proxied(), await instance()];
    const watched = await behind.watched();

    proxy.halfOpen();
    await writer.versions.bump(['a']);
    await behind.unproven(QUICK.proofMs + 150);
    await new Promise((resolve) => setTimeout(resolve, QUICK.silenceMs * 2));
    proxy.resume();

    await behind.proven();
    expect(watched.isCurrent).toBe(false);
  });

  it('is outdated when a connection is given up because nothing came for too long', async () => {
    const proxy = await startTcpProxy(server.port);
    proxies.push(proxy);
    const masters = new SettableMasters(server.url.replace(String(server.port), String(proxy.port)));
    const feed = new RedisInvalidationFeed(masters, new SystemClock(), 'ns', QUICK);
    feed.start();
    await withinMs(5_000, () => Promise.resolve(feed.isProven()));
    feed.versionWatch.expect(['quiet']).learn(['1']);
    const watched = feed.watch({ tags: ['quiet'], versions: ['1'] });

    proxy.halfOpen();
    await withinMs(5_000, () => Promise.resolve(feed.watch({ tags: ['quiet'], versions: ['1'] }) === undefined));
    expect(watched?.isCurrent).toBe(true);
    proxy.resume();

    await withinMs(5_000, () => Promise.resolve(feed.isProven()));
    expect(watched?.isCurrent).toBe(false);
    feed.close();
  });

  it('has not been missed by a process that stood still for longer than a server may be silent', async () => {
    const reader = await instance();
    const watched = await reader.watched();

    for (const endMs = performance.now() + 800; performance.now() < endMs;);
    expect(reader.feed.isProven()).toBe(false);

    await reader.proven();
    expect(watched.isCurrent).toBe(true);
  });

  it('is not proven by an answer that was longer on its way than a proof may be old', async () => {
    const [{ proxy, behind }, writer] = [await proxied(), await instance()];
    const watched = await behind.watched();

    proxy.delay(QUICK.proofMs + 50);
    await behind.unproven();
    await writer.versions.bump(['a']);
    const proven: boolean[] = [];
    await withinMs(5_000, () => {
      proven.push(behind.feed.isProven());
      return Promise.resolve(!watched.isCurrent);
    });

    expect(proven).not.toContain(true);
  });

  it('is outdated when the server starts again with nothing', async () => {
    const reader = await instance();
    const watched = await reader.watched();

    await server.restart({ empty: true });

    await reader.proven();
    expect(watched.isCurrent).toBe(false);
    expect((await reader.watched()).isCurrent).toBe(true);
  });

  it('is not heard of through a server that is no master any more', async () => {
    const reader = await instance();
    const other = await startRedis();
    try {
      await server.command('REPLICAOF', '127.0.0.1', String(other.port));

      await reader.unproven();
    } finally {
      await server.command('REPLICAOF', 'NO', 'ONE');
      await other.stop();
    }
    await reader.proven();
  });

  it('is heard from every master, and outdated when one of them joins or leaves', async () => {
    const other = await startRedis();
    const masters = new SettableMasters(server.url);
    const feed = new RedisInvalidationFeed(masters, new SystemClock(), 'ns', QUICK);
    const isProven = () => withinMs(5_000, () => Promise.resolve(feed.isProven()));
    const watched = () => {
      feed.versionWatch.expect(['a']).learn(['1']);
      return feed.watch({ tags: ['a'], versions: ['1'] });
    };
    feed.start();
    await isProven();
    const withOne = watched();

    masters.urls = [server.url, other.url];
    masters.lost();
    expect(feed.isProven()).toBe(false);
    expect(watched()).toBeUndefined();
    await isProven();
    const withTwo = watched();
    expect([withOne?.isCurrent, withTwo?.isCurrent]).toEqual([false, true]);

    await other.command('SET', versionKey('ns', 'a'), '2');
    await withinMs(5_000, () => Promise.resolve(withTwo?.isCurrent === false));
    await other.pause();
    await withinMs(5_000, () => Promise.resolve(!feed.isProven()));
    await other.resume();
    await isProven();
    await other.kill();
    await withinMs(5_000, () => Promise.resolve(!feed.isProven()));

    masters.urls = [server.url];
    await isProven();
    feed.close();
    await other.stop();
  });

  it('is not heard of, and proves nothing, after closing', async () => {
    const reader = await instance();
    reader.feed.close();

    expect(reader.feed.isProven()).toBe(false);
    await withinMs(2_000, async () => !String(await server.command('CLIENT', 'LIST')).includes('flags=t'));
  });
});
