import { afterAll, beforeAll } from '@jest/globals';
import type KeyvRedis from '@keyv/redis';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import type { RedisServer } from '../support/redis-server.js';
import { EACH_WAY } from './placements.js';
import { redisBehindKeyv } from './redis-stores.js';
import { runTable } from './run-table.js';
import { ROWS } from './table/rows.js';

describeWithRedis('every row over a real Redis behind Keyv', () => {
  const adapters: KeyvRedis<string>[] = [];
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await Promise.all(adapters.map((adapter) => adapter.disconnect(true)));
    await server.stop();
  });

  const store = redisBehindKeyv(
    () => server,
    (adapter) => adapters.push(adapter),
  );
  runTable(ROWS, store, EACH_WAY);
});
