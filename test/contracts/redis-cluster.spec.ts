import { afterAll, beforeAll } from '@jest/globals';
import { ClusterRedisLink } from '../../src/coordination/redis/cluster-redis-link.js';
import { optionsOfUrl } from '../../src/coordination/redis/redis-url.js';
import { startRedisCluster, type RedisCluster } from '../support/redis-cluster.js';
import { linkSettings } from '../support/redis-link.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { itCoordinatesIn, untilServersKnowTheirWriters } from './redis-adapters.js';

const START_MS = 30_000;

describeWithRedis('coordination in a Redis Cluster', () => {
  let cluster: RedisCluster;
  const openLink = async () => {
    const roots = cluster.urls.map(optionsOfUrl);
    const link = new ClusterRedisLink({ kind: 'cluster', roots, addressOf: () => undefined }, linkSettings([]));
    await link.open(5000);

    return link;
  };

  beforeAll(async () => {
    cluster = await startRedisCluster();
    const link = await openLink();
    await untilServersKnowTheirWriters(link);
    await link.close();
  }, START_MS);
  afterAll(() => cluster.stop());

  itCoordinatesIn('a Redis Cluster', openLink);
});
