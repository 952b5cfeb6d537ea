/**
 * A hit, awaited, one after the other: 200 entries read in turn, every call builds its key as an application would.
 */
import { allContenders } from '../contenders/all.mjs';
import { report } from '../harness/child.mjs';
import { measureInterleaved, sequentialCalls } from '../harness/measure.mjs';
import { protectionOf } from '../harness/protection.mjs';
import { productOf } from '../harness/sample-products.mjs';

const skus = Array.from({ length: 200 }, (_, index) => `sku-${10_000 + index}`);

/**
 * On Node 20 and 22 the first `AsyncLocalStorage.run` of a process makes every promise in it slower for good, and each
 * further AsyncLocalStorage a little more. Our module brings one, as do OpenTelemetry and nestjs-cls, so with ours in
 * the process everybody pays for it; the peers also run in a process without any, where they are at their best.
 */
export async function hit({ bytes, rounds, batchMs, withOurs = true }) {
  const subjects = [];
  for (const contender of await allContenders({ withOurs })) {
    const origin = { loads: 0 };
    const load = async (sku) => {
      origin.loads++;
      return productOf(sku, bytes);
    };
    const read = await contender.setUp(load, { maxEntries: 10_000 });
    const protection = await protectionOf(read, 'sku-to-change');
    for (const sku of skus) await read(sku);
    const batch = sequentialCalls(contender.name, read, skus);
    subjects.push({ name: contender.name, ours: contender.ours, protection, origin, loadsBefore: origin.loads, batch });
  }

  const measured = await measureInterleaved(subjects, { rounds, batchMs });

  return measured.map((entry, index) => {
    const { ours = false, protection, origin, loadsBefore, name } = subjects[index];
    // A figure for hits that contains a load would be a lie.
    if (origin.loads !== loadsBefore)
      throw new Error(`${name} called its origin ${origin.loads - loadsBefore} times while hits were measured`);

    return { ...entry, ours, protection };
  });
}

await report(hit);
