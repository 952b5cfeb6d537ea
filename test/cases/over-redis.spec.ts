import { afterAll, beforeAll, describe } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import KeyvRedis from '@keyv/redis';
import { keyvStore } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { FORGETTING, UNANNOUNCED } from './behavioural-case.js';
import { EACH_WAY } from './placements.js';
import { runTable } from './run-table.js';
import type { StoreUnderTest } from './stores.js';
import { ROWS } from './table/rows.js';

/** For one lease after its start a Redis may not know who is about to commit, and linearizable reads store nothing. */
const LEASE_S = 10;

describeWithRedis('every row over a real Redis', () => {
  const adapters: KeyvRedis<string>[] = [];
  let server: RedisServer;
  let namespaces = 0;
  /** Applications that share no key, instead of a Redis that is emptied between them. */
  const apart = () => ({ namespace: `cases-${(namespaces += 1)}`, subjectSecret: 'a secret of the tests' });

  const withoutCopies: StoreUnderTest = {
    name: 'a Redis',
    options: () => ({ ...apart(), sharedStore: redisStore({ url: server.url }), copies: false }),
  };
  const withCopies: StoreUnderTest = {
    name: 'a Redis, with copies',
    options: () => ({ ...apart(), sharedStore: redisStore({ url: server.url }), copies: true }),
  };
  const asKeyv: StoreUnderTest = {
    name: 'a Redis behind Keyv',
    levels: UNANNOUNCED.filter((level) => FORGETTING.includes(level)),
    options: () => {
      const adapter = new KeyvRedis<string>(server.url);
      adapters.push(adapter);

      return {
        ...apart(),
        sharedStore: keyvStore({ stores: [adapter], maxClockSkew: 0, neverRestored: 'only in this test' }),
      };
    },
  };

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await Promise.all(adapters.map((adapter) => adapter.disconnect(true)));
    await server.stop();
  });

  // While these run, the lease goes by.
  runTable(ROWS, asKeyv, EACH_WAY);

  describe('that knows its writers', () => {
    beforeAll(async () => {
      await sleep(Math.max(0, LEASE_S + 1 - (await uptimeS(server))) * 1000);
    }, 20_000);

    for (const store of [withoutCopies, withCopies]) runTable(ROWS, store, EACH_WAY);
  });
});

async function uptimeS(server: RedisServer): Promise<number> {
  return Number(/uptime_in_seconds:(\d+)/.exec(String(await server.command('INFO', 'server')))?.[1]);
}
