import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ClusterRedisLink } from '../../../src/coordination/redis/cluster-redis-link.js';
import { epochOf, readServerFacts } from '../../../src/coordination/redis/server-facts.js';
import { slotOf } from '../../../src/coordination/redis/key-slot.js';
import { sourceOfUrls } from '../../../src/coordination/redis/redis-source.js';
import { linkSettings } from '../../support/redis-link.js';
import { startRedisCluster, type RedisCluster } from '../../support/redis-cluster.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import type { RedisServer } from '../../support/redis-server.js';
import { withinMs } from '../../support/within.js';

type ClusterSource = ConstructorParameters<typeof ClusterRedisLink>[0];

describeWithRedis('a link to a Redis Cluster', () => {
  let cluster: RedisCluster;
  let link: ClusterRedisLink;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    link = new ClusterRedisLink(sourceOfUrls(cluster.urls) as ClusterSource, linkSettings([]));
    expect(await link.open(5000)).toBe(true);
  });
  afterEach(() => link.close());

  it('finds every key where the cluster says that it is', async () => {
    const [node] = cluster.nodes;
    for (const key of ['a', 'b', 'shop:v:{product:1}', 'shop:v:{}', 'ü']) {
      expect(await node?.command('CLUSTER', 'KEYSLOT', key)).toBe(slotOf(key));
      await link.send(key, ['SET', key, `text of ${key}`]);
      expect((await link.get(key)).value).toBe(`text of ${key}`);
    }
  });

  it('gives each answer the epoch of the node that gave it', async () => {
    const epochs = await Promise.all(
      keysOfEachNode().map(async (key) => {
        const owner = await cluster.nodeOf(key);
        const epoch = await epochOn(owner);
        expect((await link.get(key)).epoch).toBe(epoch);
        return epoch;
      }),
    );

    expect(new Set(epochs).size).toBe(3);
    expect(link.endpoints()).toHaveLength(3);
  });

  it('keeps the order of reads and commands of one node', async () => {
    const answers = await Promise.all([
      link.send('a', ['SET', 'a', '1']),
      link.get('a'),
      link.send('a', ['SET', 'a', '2']),
      link.get('a'),
    ]);

    expect(answers.map(({ value }) => value)).toEqual(['OK', '1', 'OK', '2']);
  });

  it('loses only the keys of a node that hangs', async () => {
    const [one = '', two = ''] = keysOfEachNode();
    const owner = await cluster.nodeOf(one);
    await owner.pause();
    await expect(link.get(one)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const started = performance.now();
    await expect(link.get(one)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(20);
    expect((await link.get(two)).value).toBeUndefined();

    await owner.resume();
    await withinMs(2000, async () => (await link.get(one)).value === undefined);
  });

  it('has another epoch for the keys of a node that was started anew, and the old one for the others', async () => {
    const [one = '', two = ''] = keysOfEachNode();
    const [before, others] = [link.epochOf(one), link.epochOf(two)];
    const owner = await cluster.nodeOf(one);
    await owner.restart({ empty: true });
    await cluster.settled();

    await withinMs(5000, async () => (await link.get(one)).epoch !== before);
    expect(link.epochOf(two)).toBe(others);
  }, 20_000);

  it('follows a key that has moved, and one whose slot is on the way', async () => {
    const key = keysOfEachNode()[0] ?? '';
    const slot = String(slotOf(key));
    const from = await cluster.nodeOf(key);
    const to = await cluster.nodeOf(keysOfEachNode()[1] ?? '');
    await link.send(key, ['DEL', key]);
    let changes = 0;
    link.onLost(() => (changes += 1));

    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from));
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to));
    const asked = await link.send(key, ['SET', key, 'on the way']);
    expect(asked).toEqual({ value: 'OK', epoch: await epochOn(to) });
    expect(await link.get(key)).toEqual({ value: 'on the way', epoch: await epochOn(to) });

    for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', await idOf(to));
    expect(await link.get(key)).toEqual({ value: 'on the way', epoch: await epochOn(to) });
    await withinMs(2000, async () => link.epochOf(key) === (await epochOn(to)));
    expect(changes).toBeGreaterThan(0);
  });

  it('closes while a node hangs', async () => {
    const [node] = cluster.nodes;
    await node?.pause();
    const started = performance.now();
    await link.close();

    expect(performance.now() - started).toBeLessThan(300);
    await node?.resume();
  });
});

/** Slots are divided in order: the first third, the second, the last. */
function keysOfEachNode(): readonly string[] {
  const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);

  return [0, 1, 2].map((third) => keys.find((key) => Math.floor(slotOf(key) / (16_384 / 3)) === third) ?? '');
}

async function idOf(node: RedisServer): Promise<string> {
  return String(await node.command('CLUSTER', 'MYID'));
}

async function epochOn(node: RedisServer): Promise<string | undefined> {
  return epochOf(readServerFacts(await node.command('INFO')));
}
