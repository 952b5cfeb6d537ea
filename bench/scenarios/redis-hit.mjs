/**
 * A validated hit of the strong level over Redis, beside a raw GET of the same value. Validated: the version of each of its tags
 * is asked for in one MGET, without copies in the process together with the entry, and all must match.
 */
import { bentocache, cacheManager, dedupe, rawGet, rawMget } from '../contenders/peers-over-redis.mjs';
import { report } from '../harness/child.mjs';
import { startCountingProxy } from '../harness/counting-proxy.mjs';
import { concurrentCalls, measureInterleaved } from '../harness/measure.mjs';
import { startRedis } from '../harness/redis-server.mjs';
import { productOf } from '../harness/sample-products.mjs';

const skus = Array.from({ length: 200 }, (_, index) => `sku-${10_000 + index}`);
const methods = { 'no tag': 'untagged', '1 tag': 'oneTag', '2 tags': 'twoTags', '4 tags': 'fourTags' };

export async function redisHit({ bytes, inFlight, rounds, batchMs, withOurs = true }) {
  const redis = await startRedis();
  try {
    const origin = { loads: 0 };
    const load = async (sku) => {
      origin.loads++;
      return productOf(sku, bytes);
    };
    const readers = [];
    for (const { name, open } of [rawGet, rawMget, cacheManager, bentocache, dedupe]) {
      readers.push({ name, read: (await open(redis.url, load)).read });
    }
    if (withOurs) for (const copies of [true, false]) readers.push(...(await ourReaders(redis, load, copies)));
    for (const { read } of readers) for (const sku of skus) await read(sku);

    const { loads } = origin;
    const subjects = readers.map(({ name, read }) => ({
      name,
      step: inFlight,
      batch: concurrentCalls(name, read, skus, inFlight),
    }));
    const measured = await measureInterleaved(subjects, { rounds, batchMs, breathe: true });
    // A figure for hits that contains a load would be a lie.
    if (origin.loads !== loads) throw new Error(`${origin.loads - loads} loads while hits were measured`);

    return measured.map((entry, index) => ({ ...entry, ours: readers[index].ours, keys: readers[index].keys }));
  } finally {
    await redis.stop();
  }
}

async function ourReaders(redis, load, copies) {
  const { openStock } = await import('../contenders/ours-over-redis.mjs');
  const { stock } = await openStock(redis.url, { origin: load, copies });
  const keys = await keysOfOneRead(openStock, redis, load, copies);

  return Object.entries(methods).map(([tags, method]) => ({
    name: `ours, strong, ${tags}${copies ? '' : ', without copies'}`,
    ours: true,
    keys: keys[method],
    read: (sku) => stock[method](sku),
  }));
}

/** Seen on the wire, not computed: how many keys the one MGET of a hit names. */
async function keysOfOneRead(openStock, redis, load, copies) {
  const proxy = await startCountingProxy(redis.port);
  const { application, stock } = await openStock(proxy.url, { origin: load, copies });
  const keys = {};
  for (const method of Object.values(methods)) {
    await stock[method](skus[0]);
    proxy.takeCommands();
    await stock[method](skus[0]);
    const reads = proxy.takeCommands().filter(({ name }) => name === 'MGET' || name === 'GET');
    if (reads.length !== 1) throw new Error(`A hit sent ${reads.length} reads, not 1`);
    keys[method] = reads[0].keys;
  }
  await application.close();

  return keys;
}

await report(redisHit);
