import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deferred } from '../support/deferred.js';
import { clientsOf, lookupsOf } from '../support/redis-figures.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';
import { LEVELS } from './behavioural-case.js';
import type { Level } from './behavioural-case.js';
import { cacheAt, Instance, newOrigins } from './instances.js';
import type { InstanceOptions, Origins } from './instances.js';

/** For one lease after its start a Redis may not know who is about to commit, and linearizable reads store nothing. */
const LEASE_S = 10;
/** The oldest that a proof may be that nothing was evicted, and time for a slow machine to notice. */
const PROOF_AND_MORE_MS = 3_000;
/** Levels whose entries are also kept in each process. */
const COPIED: readonly Level[] = ['bounded', 'eventual', 'immutable'];

describeWithRedis('two instances over one Redis', () => {
  let server: RedisServer;
  let tests = 0;
  let running: Instance[] = [];

  beforeAll(async () => {
    server = await startRedis();
    const uptimeS = /uptime_in_seconds:(\d+)/.exec(String(await server.command('INFO', 'server')))?.[1];
    await sleep((LEASE_S + 1 - Number(uptimeS)) * 1000);
  }, 20_000);
  afterEach(async () => {
    await Promise.all(running.map((instance) => instance.close()));
    running = [];
  });
  afterAll(() => server.stop());

  /** Keys that no other test has seen. */
  async function start(options: InstanceOptions): Promise<{ one: Instance; other: Instance; origins: Origins }> {
    tests += 1;
    const origins = newOrigins();
    const shared = { namespace: `two-${tests}`, storeDeadline: '5s', ...options } as const;
    const [one, other] = (running = await Promise.all(
      [1, 2].map(() => Instance.start(origins, { ...shared, sharedStore: redisStore({ url: server.url }) })),
    )) as [Instance, Instance];

    return { one, other, origins };
  }

  describe.each(LEVELS)('at %s', (level) => {
    /** A price in the source of truth, and loads that see it when they begin and answer when they may. */
    function priceIn(origins: Origins) {
      const gates: Deferred[] = [];
      let price = 1;
      origins[level].answer = async () => {
        const seen = price;
        await gates.shift()?.promise;
        return seen;
      };

      return {
        commit: (changed: number) => (price = changed),
        /** The next load waits for this before it answers. */
        holdLoad: () => {
          const gate = new Deferred();
          gates.push(gate);
          return gate;
        },
      };
    }

    it('A1 loads once for both', async () => {
      const { one, other, origins } = await start({ copies: false, levels: [level] });

      // Without a ticket, what another instance has loaded before may be from before the session.
      const expected = level === 'session' ? [1, 2] : [1, 1];
      expect([await one.read(level, 'sku'), await other.read(level, 'sku')]).toEqual(expected);
      expect(origins[level].loads).toHaveLength(expected[1] ?? 0);
    });

    it.each([true, false])(
      'F1 keeps nothing that was loaded before another instance evicted it (copies: %s)',
      async (copies) => {
        const { one, other, origins } = await start({ copies, levels: [level] });
        const price = priceIn(origins);
        const gate = price.holdLoad();
        const before = one.read(level, 'sku');
        await origins[level].reached(1);
        origins[level].writeAnswer = async () => price.commit(2);
        await other.write(level, 'sku');
        gate.resolve();

        expect(await before).toBe(1);
        expect([await other.read(level, 'sku'), await one.read(level, 'sku')]).toEqual([2, 2]);
        expect(await one.read(level, 'sku')).toBe(2);
      },
    );

    it.each([
      ['sees the old value and ends before the write commits', ['load begins', 'load ends', 'commit', 'evict']],
      ['sees the old value and ends before the eviction', ['load begins', 'commit', 'load ends', 'evict']],
      ['sees the old value and ends after the eviction', ['load begins', 'commit', 'evict', 'load ends']],
      ['sees the new value and ends before the eviction', ['commit', 'load begins', 'load ends', 'evict']],
      ['sees the new value and ends after the eviction', ['commit', 'load begins', 'evict', 'load ends']],
    ])('F2 serves the new value everywhere after a write whose racing load %s', async (_, order) => {
      const { one, other, origins } = await start({ copies: false, levels: [level] });
      const price = priceIn(origins);
      const [committing, evicting] = [new Deferred(), new Deferred()];
      const committed = new Deferred();
      origins[level].writeAnswer = async () => {
        await committing.promise;
        price.commit(2);
        committed.resolve();
        await evicting.promise;
      };
      const written = other.write(level, 'sku');
      const gate = price.holdLoad();
      let loaded: Promise<unknown> | undefined;
      for (const step of order) {
        if (step === 'load begins') {
          loaded = one.read(level, 'sku');
          await origins[level].reached(1);
        } else if (step === 'commit') {
          committing.resolve();
          await committed.promise;
        } else if (step === 'evict') {
          evicting.resolve();
          await written;
        } else {
          gate.resolve();
          await loaded;
        }
      }

      expect([await one.read(level, 'sku'), await other.read(level, 'sku')]).toEqual([2, 2]);
    });

    it('F3 lets nobody who wrote join a load that is older than the write', async () => {
      const { one, other, origins } = await start({ copies: true, levels: [level] });
      const price = priceIn(origins);
      // One of them loads, and the other waits for what it stores.
      const gate = price.holdLoad();
      const before = [one.read(level, 'sku'), other.read(level, 'sku')];
      await origins[level].reached(1);
      origins[level].writeAnswer = async () => price.commit(2);
      await one.write(level, 'sku');
      const { result } = await one.sessions.run(undefined, () => one.read(level, 'sku'));
      gate.resolve();

      expect(result).toBe(2);
      const values = await Promise.all(before);
      expect(values).toContain(1);
      expect([1, 2]).toEqual(expect.arrayContaining(values));
    });

    it('F4 settles on the last commit when two writers commit and evict crosswise', async () => {
      const { one, other, origins } = await start({ copies: false, levels: [level] });
      const price = priceIn(origins);
      const ends = [new Deferred(), new Deferred()] as const;
      let begun = 0;
      const bothCommitted = new Deferred();
      origins[level].writeAnswer = async (_, changed) => {
        price.commit(changed as number);
        begun += 1;
        if (begun === 2) bothCommitted.resolve();
        await ends[(changed as number) - 2]?.promise;
      };
      await one.read(level, 'sku');
      const first = one.write(level, 'sku', 2);
      const second = other.write(level, 'sku', 3);
      await bothCommitted.promise;
      price.commit(3);
      await one.read(level, 'sku');
      ends[1].resolve();
      await second;
      await other.read(level, 'sku');
      ends[0].resolve();
      await first;

      expect([await one.read(level, 'sku'), await other.read(level, 'sku')]).toEqual([3, 3]);
    });
  });

  describe.each(COPIED)('copies at %s', (level) => {
    it('answer without the store, and are gone within the proof when another instance evicts', async () => {
      const { one, other } = await start({ levels: [level] });
      await withinMs(PROOF_AND_MORE_MS, async () => {
        const before = await lookupsOf(server);
        await one.read(level, 'sku');
        return (await lookupsOf(server)) === before;
      });
      expect(await one.read(level, 'sku')).toBe(1);

      await other.write(level, 'sku');
      await withinMs(PROOF_AND_MORE_MS, async () => (await one.read(level, 'sku')) !== 1);
    });

    it('G4 live no longer than what they are copies of', async () => {
      const clock = new ManualClock();
      const { one, other } = await start({
        levels: [level],
        clock,
        defaults: { levels: { immutable: { ttl: '5s' } } },
      });
      await one.read(level, 'sku');
      clock.advance('4s');
      expect(await other.read(level, 'sku')).toBe(1);
      clock.advance('999ms');
      expect(await other.read(level, 'sku')).toBe(1);
      clock.advance('2ms');

      expect(await other.read(level, 'sku')).toBe(2);
      expect(other.figuresAt(level)).toMatchObject({ hit: 2, miss: 1 });
    });
  });

  it('show a session everything that it wrote on the other instance, and nothing older than what it saw', async () => {
    const { one, other, origins } = await start({ levels: ['session'] });
    let price = 1;
    origins.session.answer = async () => price;
    origins.session.writeAnswer = async () => (price += 1);
    let ticket: string | undefined;
    for (let round = 1; round <= 5; round += 1) {
      const [here, there] = round % 2 === 0 ? [one, other] : [other, one];
      await there.read('session', 'sku');
      ({ ticket } = await here.sessions.run(ticket, () => here.write('session', 'sku')));
      const first = await there.sessions.run(ticket, () => there.read('session', 'sku'));
      const again = await here.sessions.run(first.ticket, () => here.read('session', 'sku'));
      ({ ticket } = again);

      expect([first.result, again.result]).toEqual([round + 1, round + 1]);
    }
  });

  it('store nothing, on either, while one has announced a linearizable write', async () => {
    const { one, other, origins } = await start({ levels: ['linearizable'] });
    const [begun, end] = [new Deferred(), new Deferred()];
    origins.linearizable.writeAnswer = async () => {
      begun.resolve();
      await end.promise;
    };
    await other.read('linearizable', 'sku');
    const written = one.write('linearizable', 'sku');
    await begun.promise;
    expect([await other.read('linearizable', 'sku'), await other.read('linearizable', 'sku')]).toEqual([2, 3]);
    end.resolve();
    await written;

    expect([await other.read('linearizable', 'sku'), await one.read('linearizable', 'sku')]).toEqual([4, 4]);
  });

  it.each(COPIED)('D6 a whole %s cache is emptied for both', async (level) => {
    const { one, other } = await start({ levels: [level] });
    await one.read(level, 'sku');
    await other.read(level, 'sku');
    await one.caching.evictCache(cacheAt(level));

    expect(await one.read(level, 'sku')).toBe(2);
    await withinMs(PROOF_AND_MORE_MS, async () => (await other.read(level, 'sku')) === 2);
  });

  it('close every connection that they opened', async () => {
    const { one, other } = await start({});
    await one.read('bounded', 'sku');
    expect(await clientsOf(server)).toBeGreaterThan(1);
    await Promise.all([one.close(), other.close()]);
    running = [];

    await withinMs(1_000, async () => (await clientsOf(server)) === 1);
  });
});
