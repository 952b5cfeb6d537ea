import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { epochOf, readServerFacts } from '../../../src/coordination/redis/server-facts.js';
import type { RedisLink } from '../../../src/coordination/redis/redis-link.js';
import { optionsOfUrl } from '../../../src/coordination/redis/redis-url.js';
import { StandaloneRedisLink } from '../../../src/coordination/redis/standalone-redis-link.js';
import type { SharedStoreEvent } from '../../../src/coordination/shared-store.js';
import { linkSettings, openRedisLink } from '../../support/redis-link.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { withinMs } from '../../support/within.js';

const DEADLINE_MS = 150;
/** What a busy machine may add to a time limit. */
const SLACK_MS = 120;

describeWithRedis('a link to one Redis', () => {
  let server: RedisServer;
  let link: StandaloneRedisLink;
  let events: SharedStoreEvent[];
  const unhandled: unknown[] = [];
  const noteUnhandled = (reason: unknown) => unhandled.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', noteUnhandled);
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
    process.off('unhandledRejection', noteUnhandled);
    expect(unhandled).toEqual([]);
  });
  beforeEach(async () => {
    await server.command('FLUSHALL');
    ({ link, events } = await openRedisLink(server));
  });
  afterEach(async () => {
    await server.resume();
    await link.close();
  });

  it('gives the text under a key, with the epoch of the process that gave it', async () => {
    await link.send('a', ['SET', 'a', 'text']);
    const epoch = epochOf(readServerFacts(await server.command('INFO')));

    expect(await link.get('a')).toEqual({ value: 'text', epoch });
    expect(await link.get('b')).toEqual({ value: undefined, epoch });
    expect(link.epochOf()).toBe(epoch);
  });

  it('reads in one command what is asked for in one tick, also by promises that settle in it', async () => {
    await server.command('MSET', 'a', '1', 'b', '2', 'c', '3');
    await server.command('CONFIG', 'RESETSTAT');

    const late = Promise.resolve()
      .then(() => undefined)
      .then(() => link.get('c'));
    const answers = await Promise.all([link.get('a'), link.get('b'), link.get('a'), link.get('none'), late]);

    expect(answers.map(({ value }) => value)).toEqual(['1', '2', '1', undefined, '3']);
    expect(await callsOf('mget')).toBe(1);
  });

  it('splits a batch that would hold up other processes', async () => {
    await server.command('CONFIG', 'RESETSTAT');
    const keys = Array.from({ length: 401 }, (_, index) => `key-${index}`);
    await Promise.all(keys.map((key) => link.get(key)));

    expect(await callsOf('mget')).toBe(3);
  });

  it('lets reads and commands leave in the order in which they were called', async () => {
    const answers = await Promise.all([
      link.send('a', ['SET', 'a', '1']),
      link.get('a'),
      link.send('a', ['SET', 'a', '2']),
      link.get('a'),
    ]);

    expect(answers.map(({ value }) => value)).toEqual(['OK', '1', 'OK', '2']);
  });

  it('takes an error reply for an answer, and does not repeat what it was given', async () => {
    const failure = link.send('a', ['NONSENSE', 'a cached value']);

    await expect(failure).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      what: 'The store answered with the error ERR',
      where: `NONSENSE to Redis at 127.0.0.1:${server.port}`,
    });
    const { cause } = (await failure.catch((error: unknown) => error)) as Error;
    expect(String(cause)).not.toContain('a cached value');
    for (let again = 0; again < 5; again += 1) await link.send('a', ['NONSENSE']).catch(() => undefined);
    expect((await link.get('a')).value).toBeUndefined();
    expect(events).toEqual([]);
  });

  it('tells the clock of the server, with the instants between which it was read', async () => {
    const probe = await new Promise<Parameters<Parameters<RedisLink['onProbe']>[0]>[0]>((resolve) =>
      link.onProbe(resolve),
    );

    expect(probe).toMatchObject({ node: `127.0.0.1:${server.port}`, epoch: link.epochOf() });
    expect(probe.receivedMs).toBeGreaterThan(probe.sentMs);
    // The same machine, hence the same clock, but for the millisecond by which Date.now() lags.
    expect(probe.serverMs).toBeGreaterThan(probe.sentMs - 2);
    expect(probe.serverMs).toBeLessThan(probe.receivedMs + 2);
  });

  it('costs one deadline when the server hangs, fails at once then, and goes on within a second', async () => {
    await server.pause();
    expect(await msUntilFailure(link.get('a'))).toBeLessThan(DEADLINE_MS + SLACK_MS);
    const times = await Promise.all([1, 2, 3].map(() => msUntilFailure(link.send('a', ['SET', 'a', '1']))));
    expect(Math.max(...times)).toBeLessThan(20);
    await sleep(3000);
    expect(await msUntilFailure(link.get('a'))).toBeLessThan(20);

    await server.resume();
    await withinMs(1000, async () => (await link.get('a')).value === undefined);
    expect(events.map(({ type }) => type)).toEqual(['store-suspended', 'store-resumed']);
  });

  it('goes on over the same connection when the server hung only for a moment', async () => {
    let losses = 0;
    link.onLost(() => (losses += 1));
    await server.pause();
    await msUntilFailure(link.get('a'));
    await server.resume();

    await withinMs(1000, async () => (await link.get('a')).value === undefined);
    expect(losses).toBe(0);
  });

  it('sends a command once, also when it is not answered in time', async () => {
    await server.pause();
    await Promise.all(Array.from({ length: 5 }, () => msUntilFailure(link.send('n', ['INCR', 'n']))));
    await server.resume();

    await withinMs(1000, async () => (await link.get('n')).value === '5');
    await sleep(200);
    expect((await link.get('n')).value).toBe('5');
  });

  it('has another epoch after the server was killed, and knows none in between', async () => {
    const before = link.epochOf();
    let losses = 0;
    link.onLost(() => (losses += 1));
    const inFlight = msUntilFailure(link.send('a', ['BLPOP', 'a', '1']));
    await sleep(20);
    await server.kill();

    await withinMs(1000, async () => !isKnown(link));
    expect(await inFlight).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(await msUntilFailure(link.get('a'))).toBeLessThan(20);
    await server.restart({ empty: true });
    await withinMs(2000, async () => isKnown(link));
    expect(link.epochOf()).not.toBe(before);
    expect(losses).toBe(1);
    await withinMs(1000, async () => events.length === 2);
    expect(events.map(({ type }) => type)).toEqual(['store-suspended', 'store-resumed']);
  });

  it('drops its connection when told, and makes another one', async () => {
    const id = await clientId();
    const inFlight = msUntilFailure(link.get('a'));
    link.drop();
    await inFlight;

    await withinMs(1000, async () => isKnown(link) && (await clientId()) !== id);
    await withinMs(1000, async () => (await connections()) === 2);
  });

  it('does not believe a master that becomes a replica', async () => {
    await server.command('SET', 'a', '1');
    await server.command('REPLICAOF', '127.0.0.1', '1');
    await withinMs(1000, async () => !isKnown(link));
    for (let ms = 0; ms < 300; ms += 1) {
      expect(link.epochOf()).toBeUndefined();
      await sleep(1);
    }
    await expect(link.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

    await server.command('REPLICAOF', 'NO', 'ONE');
    await withinMs(1000, async () => (await link.get('a')).value === '1');
  });

  it('stops at the first command that a replica refuses', async () => {
    const slow = await openRedisLink(server, { probeIntervalMs: 60_000 });
    await server.command('REPLICAOF', '127.0.0.1', '1');

    const refused = slow.link.send('a', ['SET', 'a', '1']);
    const alongside = slow.link.get('a');

    await expect(refused).rejects.toThrow('READONLY');
    await expect(alongside).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(slow.link.epochOf()).toBeUndefined();
    await server.command('REPLICAOF', 'NO', 'ONE');
    await slow.link.close();
  });

  it('closes in time, also while the server hangs, and fails from then on', async () => {
    await server.pause();
    const started = performance.now();
    await link.close();
    expect(performance.now() - started).toBeLessThan(DEADLINE_MS + SLACK_MS);
    await expect(link.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('waits for what is in flight when it closes, and leaves no connection behind', async () => {
    const last = link.send('a', ['SET', 'a', 'written']);
    await link.close();

    expect((await last).value).toBe('OK');
    expect(events).toEqual([]);
    await withinMs(1000, async () => (await connections()) === 1);
  });

  it('closes before it has a socket, and leaves no connection behind', async () => {
    const early = new StandaloneRedisLink(optionsOfUrl(server.url), linkSettings([]));
    const opening = early.open(50);
    await early.close();
    expect(await opening).toBe(false);
    await sleep(50);

    expect(await connections()).toBe(2);
  });

  it('says that it was not reached, and comes when the server does', async () => {
    await server.kill();
    const early = new StandaloneRedisLink(optionsOfUrl(server.url), linkSettings([]));
    expect(await early.open(100)).toBe(false);
    await server.restart();

    await withinMs(2000, async () => (await early.get('a')).value === undefined);
    await early.close();
  });

  describe('through a network', () => {
    let proxy: TcpProxy;
    let far: StandaloneRedisLink;

    beforeEach(async () => {
      proxy = await startTcpProxy(server.port);
      far = (await openRedisLink({ url: `redis://127.0.0.1:${proxy.port}` }, { silenceMs: 500 })).link;
    });
    afterEach(async () => {
      await far.close();
      await proxy.stop();
    });

    it('comes back when its connection was cut', async () => {
      await far.send('a', ['SET', 'a', '1']);
      proxy.cut();
      await withinMs(1000, async () => !isKnown(far));
      proxy.resume();

      await withinMs(2000, async () => (await far.get('a')).value === '1');
    });

    it('gives up a connection that is silent, and makes another one', async () => {
      proxy.halfOpen();
      await msUntilFailure(far.get('a'));
      await withinMs(2000, async () => !isKnown(far));
      proxy.resume();

      await withinMs(2000, async () => (await far.get('a')).value === undefined);
    });

    it('does not come back to a server that answers, but too late each time', async () => {
      proxy.delay(DEADLINE_MS + 100);
      await msUntilFailure(far.get('a'));
      await sleep(700);
      expect(await msUntilFailure(far.get('a'))).toBeLessThan(20);
      proxy.resume();

      await withinMs(2000, async () => (await far.get('a')).value === undefined);
    });

    it('closes while it is being connected', async () => {
      proxy.halfOpen();
      const waiting = new StandaloneRedisLink(optionsOfUrl(`redis://127.0.0.1:${proxy.port}`), linkSettings([]));
      expect(await waiting.open(50)).toBe(false);
      await waiting.close();
      proxy.resume();

      // The link of the server's own, the one through the proxy, and the question itself.
      await withinMs(2000, async () => (await connections()) === 3);
    });
  });

  async function callsOf(command: string): Promise<number> {
    const statistics = String(await server.command('INFO', 'commandstats'));
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(statistics)?.[1] ?? 0);
  }

  async function clientId(): Promise<unknown> {
    return (await link.send('', ['CLIENT', 'ID'])).value;
  }

  async function connections(): Promise<number> {
    return String(await server.command('CLIENT', 'LIST'))
      .trim()
      .split('\n').length;
  }
});

async function msUntilFailure(call: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await expect(call).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });

  return performance.now() - started;
}

function isKnown(link: StandaloneRedisLink): boolean {
  return link.epochOf() !== undefined;
}
