import { afterAll, beforeAll } from '@jest/globals';
import { leaseKey } from '../../src/coordination/redis/redis-keys.js';
import { RedisLoadLeases } from '../../src/coordination/redis/redis-load-leases.js';
import { RedisVersionStore } from '../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../src/coordination/redis/redis-write-intents.js';
import { SystemClock } from '../../src/time/clock.js';
import { openRedisLink } from '../support/redis-link.js';
import { describeWithRedis, startRedis, type RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';
import { itLeasesLoads } from './load-leases.contract.js';
import { itKeepsVersions } from './version-store.contract.js';
import { itAnnouncesWrites } from './write-intents.contract.js';

const LEASE_MS = 200;

describeWithRedis('coordination in Redis', () => {
  let server: RedisServer;
  let tests = 0;
  beforeAll(async () => {
    server = await startRedis();
    const { one, close } = await open();
    // Until a lease after its start a server cannot say who is writing; asked anew each time, as each test will do.
    const intents = () => new RedisWriteIntents(one, 'test', new SystemClock(), LEASE_MS);
    await withinMs(4000, async () => !(await intents().pending(['a'])));
    await close();
  });
  afterAll(() => server.stop());

  /** Two links, as of two processes, and keys that no other test has seen. */
  const open = async () => {
    const [one, two] = await Promise.all([openRedisLink(server), openRedisLink(server)]);
    tests += 1;

    return {
      one: one.link,
      two: two.link,
      namespace: `test-${tests}`,
      close: async () => {
        await Promise.all([one.link.close(), two.link.close()]);
      },
    };
  };

  itKeepsVersions('Redis', async () => {
    const { one, two, namespace, close } = await open();
    const ignored = () => undefined;

    return {
      store: new RedisVersionStore(one, namespace, ignored),
      other: new RedisVersionStore(two, namespace, ignored),
      close,
    };
  });

  itAnnouncesWrites('Redis', async () => {
    const { one, two, namespace, close } = await open();
    const clock = new SystemClock();

    return {
      intents: new RedisWriteIntents(one, namespace, clock, LEASE_MS),
      other: new RedisWriteIntents(two, namespace, clock, LEASE_MS),
      close,
    };
  });

  itLeasesLoads('Redis', async () => {
    const { one, two, namespace, close } = await open();

    return {
      leases: new RedisLoadLeases(one, namespace, LEASE_MS),
      other: new RedisLoadLeases(two, namespace, LEASE_MS),
      outlast: () => withinMs(2000, async () => (await one.get(leaseKey(namespace, 'a'))).value === undefined),
      close,
    };
  });
});
