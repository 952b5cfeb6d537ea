/** A miss over the bare loader: every call has a new key, and the origin answers at once with a fresh object. */
import { allContenders } from '../contenders/all.mjs';
import { report } from '../harness/child.mjs';
import { measureInterleaved } from '../harness/measure.mjs';
import { productText } from '../harness/sample-products.mjs';

const bareLoader = { name: 'bare loader', setUp: (load) => load };

export async function miss({ bytes, rounds, batchMs, withOurs = true }) {
  const text = productText('sku-10000', bytes);
  const load = async () => JSON.parse(text);
  const contenders = [bareLoader, ...(await allContenders({ withOurs }))];
  const subjects = [];
  for (const contender of contenders) {
    const read = await contender.setUp(load, { maxEntries: 10_000 });
    subjects.push({ name: contender.name, ours: contender.ours, batch: newKeys(read) });
  }

  // The bare Map and two peers never evict: a short batch keeps the heap of this process in bounds.
  const measured = await measureInterleaved(subjects, { rounds, batchMs, maxCalls: 50 });

  return measured.map((entry, index) => ({ ...entry, ours: subjects[index].ours ?? false }));
}

function newKeys(read) {
  let next = 0;
  return async (calls) => {
    for (let i = 0; i < calls; i++) await read(`sku-${next++}`);
  };
}

await report(miss);
