import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { versionKey } from '../../src/coordination/redis/redis-keys.js';
import { RedisVersionStore } from '../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../src/coordination/redis/redis-write-intents.js';
import { SystemClock } from '../../src/time/clock.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { openRedisLink, type LinkUnderTest } from '../support/redis-link.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';

const TAGS = { common: ['fproduct'], own: ['vproduct:1'] };
const LEASE_MS = 1_000;

// An epoch named the server process alone. One that was master, then a replica, and is master again is the same process, and may
// have lost what its successor was told last: a version from before an acknowledged eviction counted again, and linearizable
// reads believed its silence about announced writes. Found by the model.
describeWithRedis('a former Redis master that takes over again', () => {
  let server: RedisServer;
  let opened: LinkUnderTest;
  beforeEach(async () => {
    server = await startRedis();
    opened = await openRedisLink(server);
  });
  afterEach(async () => {
    await opened.link.close();
    await server.stop();
  });

  /** Between two probes, and without having taken over anything: of the server that it follows nothing can be heard. */
  const followAndReturn = async (): Promise<void> => {
    await server.command('REPLICAOF', '127.0.0.1', '1');
    await server.command('REPLICAOF', 'NO', 'ONE');
  };
  const untilAnotherThan = (epoch: string | undefined) =>
    withinMs(5_000, () => Promise.resolve(![undefined, epoch].includes(opened.link.epochOf())));

  it('counts as another: what lay there before is missing', async () => {
    const versions = new RedisVersionStore(opened.link, 'shop', () => undefined);
    const epoch = opened.link.epochOf();
    const snapshot = await versions.readOrMint(TAGS);
    expect(await versions.isCurrent(snapshot)).toBe(true);
    await followAndReturn();
    await untilAnotherThan(epoch);

    expect(snapshot.versions).toContain(await server.command('GET', versionKey('shop', 'fproduct')));
    expect(await versions.isCurrent(snapshot)).toBe(false);
  });

  it('is not believed for a lease when it knows of no announced write', async () => {
    const intents = new RedisWriteIntents(opened.link, 'shop', new SystemClock(), LEASE_MS);
    const epoch = opened.link.epochOf();
    // It has been up for longer than a lease.
    await withinMs(10_000, async () => !(await intents.pending(['a'])));
    await followAndReturn();
    await untilAnotherThan(epoch);

    // The first answer after it is known again; until then the link refuses.
    await withinMs(LEASE_MS / 2, () => intents.pending(['a']));
  });
});
