/**
 * Bytes of one contender, in a fresh process, after a full collection: objects and buffers together. Run once without
 * and once with entries; the difference is what they cost, with the room that a cache reserves for them at the start.
 * Entries arrive as they would in an application, by a read that misses.
 */
import { allContenders } from '../contenders/all.mjs';
import { report } from '../harness/child.mjs';
import { productOf } from '../harness/sample-products.mjs';

/** They compile code and build what exists once, whatever the number of entries. */
const FIRST_READS = 100;

/** What the values cost by themselves, parsed and held by nobody but an array. */
const valuesAlone = {
  name: 'values alone, in an array',
  setUp(load) {
    const values = [];
    return async (sku) => values.push(await load(sku));
  },
};

export async function memory({ name, bytes, entries, withOurs }) {
  const contenders = [valuesAlone, ...(await allContenders({ withOurs }))];
  const contender = contenders.find((candidate) => candidate.name === name);
  const origin = { loads: 0 };
  const load = async (sku) => {
    origin.loads++;
    return productOf(sku, bytes);
  };
  const read = await contender.setUp(load, { maxEntries: FIRST_READS + entries });

  for (let i = 0; i < FIRST_READS + entries; i++) await read(`sku-${100_000 + i}`);
  const settled = await settledBytes();

  // Little memory is no merit of a cache that has thrown entries away.
  const loads = origin.loads;
  for (let i = 0; i < FIRST_READS; i++) await read(`sku-${100_000 + i}`);
  const lost = contender === valuesAlone ? 0 : origin.loads - loads;
  if (lost > 0) throw new Error(`${name} no longer has ${lost} of its first ${FIRST_READS} entries`);

  return { name, ours: contender.ours ?? false, settled };
}

async function settledBytes() {
  // Finalisers and weak references need turns of the event loop between collections.
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();

  return heapUsed + external;
}

await report(memory);
