/**
 * A method without a decorator, on a class whose other methods have them. Two plain classes stand beside it: how much
 * two identical things differ in this measurement is what "nothing" means.
 */
import { openShop, PriceService } from '../contenders/ours.mjs';
import { report } from '../harness/child.mjs';
import { measureInterleaved, sequentialCalls } from '../harness/measure.mjs';

class PlainService {
  async undecorated(value) {
    return value;
  }
}

class AnotherPlainService {
  async undecorated(value) {
    return value;
  }
}

export async function neighbour({ rounds, batchMs }) {
  const prices = (await openShop({ maxEntries: 100 })).get(PriceService);
  const plain = new PlainService();
  const another = new AnotherPlainService();
  const values = [1, 2, 3];

  return measureInterleaved(
    [
      subject('beside decorated methods', (value) => prices.undecorated(value), values),
      subject('on a plain class', (value) => plain.undecorated(value), values),
      subject('on another plain class', (value) => another.undecorated(value), values),
    ],
    { rounds, batchMs },
  );
}

function subject(name, read, values) {
  return { name, batch: sequentialCalls(name, read, values) };
}

await report(neighbour);
