import type { RedisLink } from '../../src/coordination/redis/redis-link.js';
import { leaseKey } from '../../src/coordination/redis/redis-keys.js';
import { RedisLoadLeases } from '../../src/coordination/redis/redis-load-leases.js';
import { RedisVersionStore } from '../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../src/coordination/redis/redis-write-intents.js';
import { SystemClock } from '../../src/time/clock.js';
import { withinMs } from '../support/within.js';
import { itLeasesLoads } from './load-leases.contract.js';
import { itKeepsVersions } from './version-store.contract.js';
import { itAnnouncesWrites } from './write-intents.contract.js';

const LEASE_MS = 200;

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
      leases: new RedisLoadLeases(one, namespace, LEASE_MS),
      other: new RedisLoadLeases(two, namespace, LEASE_MS),
      outlast: () => withinMs(2000, async () => (await one.get(leaseKey(namespace, 'a'))).value === undefined),
      close,
    };
  });
}

/** Until a lease after its start a server cannot say who is writing; asked anew each time, as each test will do. */
export async function untilServersKnowTheirWriters(link: RedisLink): Promise<void> {
  const onEachNode = ['a', 'b', 'c', 'd', 'e', 'f'];
  const intents = () => new RedisWriteIntents(link, 'start', new SystemClock(), LEASE_MS);
  await withinMs(10_000, async () => !(await intents().pending(onEachNode)));
}
