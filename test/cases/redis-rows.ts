import { afterAll, beforeAll } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { EACH_WAY } from './placements.js';
import { redisUnderTest } from './redis-stores.js';
import { runTable } from './run-table.js';
import { ROWS } from './table/rows.js';

/** For one lease after its start a Redis may not know who is about to commit, and linearizable reads store nothing. */
const LEASE_S = 10;

/** Every row over a Redis of its own that knows its writers. */
export function runRowsOverRedis(how: { readonly copies: boolean }): void {
  describeWithRedis('every row over a real Redis', () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
      await sleep(Math.max(0, LEASE_S + 1 - (await uptimeS(server))) * 1000);
    }, 30_000);
    afterAll(() => server.stop());

    runTable(
      ROWS,
      redisUnderTest(() => server, how),
      // With copies too, nothing between the method and its store knows both: one placement shows it.
      how.copies ? EACH_WAY.slice(0, 1) : EACH_WAY,
    );
  });
}

async function uptimeS(server: RedisServer): Promise<number> {
  return Number(/uptime_in_seconds:(\d+)/.exec(String(await server.command('INFO', 'server')))?.[1]);
}
