/**
 * How many promises a hit and a miss make, the caller's own await included. A figure without noise, and the best
 * explanation of the noisy ones: with an async context each promise costs some 0.1 µs, and its garbage.
 */
import { createHook } from 'node:async_hooks';
import { allContenders } from '../contenders/all.mjs';
import { report } from '../harness/child.mjs';
import { productText } from '../harness/sample-products.mjs';

const CALLS = 100;

export async function promises({ bytes, withOurs }) {
  const text = productText('sku-10000', bytes);
  const counted = [];
  for (const { name, ours = false, setUp } of await allContenders({ withOurs })) {
    const read = await setUp(async () => JSON.parse(text), { maxEntries: 10_000 });
    // What is made once, at the first call, is no part of a miss.
    await read('sku-first');
    const miss = await promisesOf((call) => read(`sku-${call}`));
    const hit = await promisesOf(() => read('sku-0'));
    counted.push({ name, ours, hit, miss });
  }

  return counted;
}

async function promisesOf(read) {
  let made = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') made++;
    },
  }).enable();
  for (let call = 0; call < CALLS; call++) await read(call);
  hook.disable();

  return Math.round(made / CALLS);
}

await report(promises);
