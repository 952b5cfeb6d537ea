import { expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { EvictionFailedError } from '../../src/engine/eviction.js';
import { EngineUnderTest } from '../support/engine-under-test.js';
import { BreakableStore, overStore } from '../support/breakable-store.js';

// cache-manager's `del` answers true while its store refuses every command; the entry is still there when it recovers.

it('the peer calls a failed eviction a success, and serves the old value afterwards', async () => {
  const store = new BreakableStore();
  const keyv = new Keyv({ store });
  keyv.on('error', () => undefined);
  const cache = createCache({ stores: [keyv] });
  await cache.set('price', 1);

  store.breaks();
  expect(await cache.del('price')).toBe(true);
  store.recovers();

  expect(await cache.get('price')).toBe(1);
});

it('an eviction that cannot be confirmed is an error to the writer, and an event', async () => {
  class Unreachable extends InProcessVersionStore {
    override bump(): Promise<void> {
      return Promise.reject(new Error('unreachable'));
    }
  }
  const engine = new EngineUnderTest({ versions: new Unreachable(100) });
  const write = engine.writing({ tags: { product: () => 'a' } }, async () => 'written');

  await expect(write()).rejects.toBeInstanceOf(EvictionFailedError);
  expect(engine.story()).toEqual(['eviction-failed write']);
});

it('an eviction needs no store of entries: what a broken one still holds is not served when it recovers', async () => {
  const store = new BreakableStore();
  const engine = new EngineUnderTest({ entries: overStore(store) });
  let price = 1;
  const read = engine.cached(
    { name: 'prices', consistency: 'strong', tags: { product: () => 'a' } },
    async () => price,
  );
  await read();

  store.breaks();
  price = 2;
  await engine.evict('product', 'a');
  store.recovers();

  expect(await read()).toBe(2);
});
