import { afterAll, beforeAll } from '@jest/globals';
import { openRedisLink } from '../support/redis-link.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { itCoordinatesIn, untilServersKnowTheirWriters } from './redis-adapters.js';

describeWithRedis('coordination in Redis', () => {
  let server: RedisServer;
  const openLink = async () => (await openRedisLink(server)).link;

  beforeAll(async () => {
    server = await startRedis();
    const link = await openLink();
    await untilServersKnowTheirWriters(link);
    await link.close();
  });
  afterAll(() => server.stop());

  itCoordinatesIn('Redis', openLink);
});
