import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisLink } from '../../src/coordination/redis/redis-link.js';
import { leaseKey } from '../../src/coordination/redis/redis-keys.js';
import { RedisLoadLeases } from '../../src/coordination/redis/redis-load-leases.js';
import { RedisVersionStore } from '../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../src/coordination/redis/redis-write-intents.js';
import { SystemClock } from '../../src/time/clock.js';
import { withinMs } from '../support/within.js';
import { itLeasesLoads, leaseOf } from './load-leases.contract.js';
import { itKeepsVersions } from './version-store.contract.js';
import { itAnnouncesWrites } from './write-intents.contract.js';

// Renewed every 700 ms, so that a machine that is busy for a moment loses no announcement.
const LEASE_MS = 2_000;
/** Renewed every 200 ms, so that a machine that is busy for a moment loses no lease. */
const LOADS = { leaseMs: 600, fruitlessMs: 300 };

/** Every contract, over two links as of two processes. */
export function itCoordinatesIn(name: string, openLink: () => Promise<RedisLink>): void {
  const clock = new SystemClock();
  let tests = 0;

  /** Keys that no other test has seen. */
  const open = async () => {
    const [one, two] = await Promise.all([openLink(), openLink()]);
    tests += 1;

    return {
      one,
      two,
      namespace: `test-${tests}`,
      close: async () => {
        await Promise.all([one.close(), two.close()]);
      },
    };
  };

  itKeepsVersions(name, async () => {
    const { one, two, namespace, close } = await open();
    const ignored = () => undefined;

    return {
      store: new RedisVersionStore(one, namespace, ignored),
      other: new RedisVersionStore(two, namespace, ignored),
      close,
    };
  });

  itAnnouncesWrites(name, async () => {
    const { one, two, namespace, close } = await open();

    return {
      intents: new RedisWriteIntents(one, namespace, clock, LEASE_MS),
      other: new RedisWriteIntents(two, namespace, clock, LEASE_MS),
      close,
    };
  });

  itLeasesLoads(name, async () => {
    const { one, two, namespace, close } = await open();

    return {
      leases: new RedisLoadLeases(one, namespace, clock, LOADS),
      other: new RedisLoadLeases(two, namespace, clock, LOADS),
      outlast: () => sleep(LOADS.leaseMs * 1.5),
      close,
    };
  });

  it(`a lease in ${name} passes from a process that stands still, which does nothing to the next one's`, async () => {
    const { one, two, namespace, close } = await open();
    try {
      const itsClock = new ManualClock();
      const standing = new RedisLoadLeases(one, namespace, itsClock, LOADS);
      // It does not renew either, so that nothing but the late one could lengthen its lease.
      const others = new RedisLoadLeases(two, namespace, new ManualClock(), LOADS);
      const key = leaseKey(namespace, 'a');
      const leftMs = async () => Number((await one.send(key, ['PTTL', key])).value);

      const lost = leaseOf(await standing.acquire('a'));
      expect(await others.acquire('a')).toBe('held');
      await withinMs(2000, async () => (await two.get(key)).value === undefined);
      leaseOf(await others.acquire('a'));
      await sleep(20);
      const left = await leftMs();

      // It goes on, and renews and ends what it takes for its own; the questions come behind all of that.
      itsClock.advance(LOADS.leaseMs);
      lost.release(true);
      lost.release(false);
      expect(await standing.acquire('a')).toBe('held');
      expect(await leftMs()).toBeLessThanOrEqual(left);
    } finally {
      await close();
    }
  });
}

/** Until a lease after its start a server cannot say who is writing; asked anew each time, as each test will do. */
export async function untilServersKnowTheirWriters(link: RedisLink): Promise<void> {
  const onEachNode = ['a', 'b', 'c', 'd', 'e', 'f'];
  const intents = () => new RedisWriteIntents(link, 'start', new SystemClock(), LEASE_MS);
  await withinMs(10_000, async () => !(await intents().pending(onEachNode)));
}
