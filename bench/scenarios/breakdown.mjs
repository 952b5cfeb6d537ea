/**
 * Where the time of one of our hits goes, asked of the very objects that serve it. Each layer is timed with everything
 * below it, in the same rounds; a layer's own cost is what it adds, so the layers sum up to the whole call.
 */
import { contenders, openShop, PriceService } from '../contenders/ours.mjs';
import { CacheCatalogue } from '../../dist/catalogue/cache-catalogue.js';
import { ReadThrough } from '../../dist/engine/read-through.js';
import { CacheEvents } from '../../dist/observability/event-channel.js';
import { CacheableInterceptor } from '../../dist/interceptors/cacheable.interceptor.js';
import { InvocationFactory } from '../../dist/interceptors/invocation-factory.js';
import { EntryStore } from '../../dist/storage/entry-store.js';
import { Clock } from '../../dist/time/clock.js';
import { report } from '../harness/child.mjs';
import { measureInterleaved, sequentialCalls, synchronousCalls } from '../harness/measure.mjs';
import { productOf } from '../harness/sample-products.mjs';

const skus = Array.from({ length: 200 }, (_, index) => `sku-${10_000 + index}`);

export async function breakdown({ bytes, rounds, batchMs }) {
  const application = await openShop({ maxEntries: 10_000 });
  const read = await contenders
    .find(({ name }) => name === 'ours, bounded')
    .setUp(async (sku) => productOf(sku, bytes), { maxEntries: 10_000 });
  for (const sku of skus) await read(sku);

  const part = (token) => application.get(token, { strict: false });
  const prices = part(PriceService);
  const policy = part(CacheCatalogue)
    .policies()
    .find(({ name }) => name === 'PriceService.bounded');
  const callOf = (sku) => ({ policy, instance: prices, args: [sku], method: PriceService.prototype.bounded });
  const invocations = part(InvocationFactory);
  const [entries, reads, cacheable] = [part(EntryStore), part(ReadThrough), part(CacheableInterceptor)];
  const [clock, events] = [part(Clock), part(CacheEvents)];

  const layers = [
    layer('loop', callOf),
    layer('key: canonical text of the arguments', (sku) => invocations.create(callOf(sku))),
    layer('lookup: the text hashed and found', (sku) => entries.find(invocations.create(callOf(sku)))),
    layer('validation, event, counters, promise', (sku) => reads.read(invocations.create(callOf(sku)))),
    layer('condition and refusals', (sku) => cacheable.intercept(callOf(sku))),
    layer('trampoline and plan', (sku) => prices.bounded(sku)),
    { name: 'await', batch: sequentialCalls('await', (sku) => prices.bounded(sku), skus) },
  ];
  const alone = [
    layer('empty', (sku) => sku),
    layer('the clock', () => clock.nowMs()),
    layer('event and counters', (key) => {
      events.publish({ type: 'entry-served', policy: policy.name, key, outcome: 'hit', ageMs: 1 });
      return key;
    }),
  ];
  const measured = await measureInterleaved([...layers, ...alone], { rounds, batchMs });

  return { layers: measured.slice(0, layers.length), alone: measured.slice(layers.length) };
}

function layer(name, run) {
  return { name, batch: synchronousCalls(name, run, skus) };
}

await report(breakdown);
