import { expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// Peers ask a failing origin once for each waiting caller, one after the other (bentocache), or turn its error into
// `undefined` (cacheable). cache-manager's `wrap` shares the error, but rejects when only its store has failed.

it('the peer fails a call whose origin has answered, because its store cannot keep the answer', async () => {
  const store = new BreakableStore();
  const keyv = new Keyv({ store, throwOnErrors: true });
  keyv.on('error', () => undefined);
  const cache = createCache({ stores: [keyv] });
  store.breaks();

  await expect(cache.wrap('price', async () => 1)).rejects.toThrow('the store is down');
});

it('an error of the store is never mistaken for one of the origin (E3)', async () => {
  const store = new BreakableStore();
  const engine = new EngineUnderTest({ entries: overStore(store) });
  const read = engine.cached({ name: 'prices', consistency: 'strong' }, async () => 1);
  store.breaks();

  expect(await read()).toBe(1);
  expect(engine.metrics.figuresOf('prices')).toMatchObject({ storeErrors: 1, loadErrors: 0 });
});

it('ten callers of a failing origin make one call, and each gets the very error', async () => {
  const engine = new EngineUnderTest();
  const own = new Error('down');
  let loads = 0;
  const read = engine.cached({ name: 'prices', consistency: 'strong' }, async (): Promise<number> => {
    loads += 1;
    throw own;
  });

  const settled = await Promise.allSettled(Array.from({ length: 10 }, () => read()));

  expect(settled).toEqual(Array(10).fill({ status: 'rejected', reason: own }));
  expect(loads).toBe(1);
});

it('an error is not kept: the next caller asks again', async () => {
  const engine = new EngineUnderTest();
  let loads = 0;
  const read = engine.cached({ name: 'prices', consistency: 'strong' }, async () => {
    loads += 1;
    if (loads === 1) throw new Error('down');
    return loads;
  });

  await expect(read()).rejects.toThrow('down');
  expect(await read()).toBe(2);
});
