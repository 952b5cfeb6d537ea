import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithRedis } from './describe-with-redis.js';
import { startRedis, type RedisServer } from './redis-server.js';
import { startRedisCluster, type RedisCluster } from './redis-cluster.js';

describeWithRedis('Redis for tests', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis({ password: 'secret' });
  });
  afterAll(() => server.stop());

  it('comes back with what it remembered, or with nothing', async () => {
    await server.command('SET', 'a', '1');
    await server.snapshot();
    await server.command('SET', 'a', '2');

    await server.restart();
    expect(await server.command('GET', 'a')).toBe('1');
    await server.restart({ empty: true });
    expect(await server.command('GET', 'a')).toBeNull();
  });

  it('hangs and goes on', async () => {
    await server.pause();
    const answer = server.command('PING');
    await expect(Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50, 'silence'))])).resolves.toBe(
      'silence',
    );
    await server.resume();

    expect(await answer).toBe('PONG');
  });

  it('can be killed while it hangs', async () => {
    await server.pause();
    await server.kill();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
  });
});

describeWithRedis('a Redis cluster for tests', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  it('knows which node holds a key', async () => {
    const owner = await cluster.nodeOf('a');
    await owner.command('SET', 'a', '1');

    expect(await owner.command('GET', 'a')).toBe('1');
  });

  it('settles again after one of its nodes was killed', async () => {
    const [node] = cluster.nodes;
    await node?.restart({ empty: true });
    await cluster.settled();
  }, 30_000);
});
