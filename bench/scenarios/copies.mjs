/**
 * A hit on a copy in this process, in front of a Redis that instances share. A bare Map, which hears of no eviction, is the
 * floor. That no hit asked the Redis is counted there, not assumed.
 */
import { createClient } from '@redis/client';
import { bareMap } from '../contenders/peers.mjs';
import { bentocacheTwoLayers } from '../contenders/peers-over-redis.mjs';
import { report } from '../harness/child.mjs';
import { measureInterleaved, sequentialCalls } from '../harness/measure.mjs';
import { protectionOf } from '../harness/protection.mjs';
import { startRedis } from '../harness/redis-server.mjs';
import { productOf } from '../harness/sample-products.mjs';

const skus = Array.from({ length: 200 }, (_, index) => `sku-${10_000 + index}`);
/** How long the proof of silence takes to arrive at the start, with room. */
const SETTLE_MS = 500;

export async function copies({ bytes, rounds, batchMs, withOurs = true }) {
  const redis = await startRedis();
  try {
    const load = async (sku) => productOf(sku, bytes);
    const readers = [{ name: bareMap.name, read: bareMap.setUp(load) }];
    const { read } = await bentocacheTwoLayers.open(redis.url, load);
    readers.push({ name: bentocacheTwoLayers.name, read });
    if (withOurs) {
      const { openStock } = await import('../contenders/ours-over-redis.mjs');
      const { stock } = await openStock(redis.url, { origin: load });
      readers.push({ name: 'ours, bounded, a copy with a proof', ours: true, read: (sku) => stock.bounded(sku) });
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    for (const reader of readers) {
      reader.protection = await protectionOf(reader.read, 'sku-to-change');
      await readTwice(reader.read);
    }

    const asked = await countReads(redis.url);
    const subjects = readers.map(({ name, read }) => ({ name, batch: sequentialCalls(name, read, skus) }));
    const measured = await measureInterleaved(subjects, { rounds, batchMs, breathe: true });
    const askedRedis = (await countReads(redis.url)) - asked;

    return {
      askedRedis,
      measured: measured.map((entry, index) => ({
        ...entry,
        ours: readers[index].ours,
        protection: readers[index].protection,
      })),
    };
  } finally {
    await redis.stop();
  }
}

/** What a process wrote itself it hears of, too, so its own loads are copied by the read after them. */
async function readTwice(read) {
  for (let time = 1; time <= 2; time++) {
    for (const sku of skus) await read(sku);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

async function countReads(url) {
  const client = createClient({ url });
  await client.connect();
  const stats = await client.sendCommand(['INFO', 'commandstats']);
  client.destroy();

  return [...stats.matchAll(/cmdstat_(?:get|mget):calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

await report(copies);
