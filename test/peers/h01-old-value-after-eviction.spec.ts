import { expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// cache-manager's `wrap` stores what its loader answers whatever happened meanwhile, and a caller that comes after the
// eviction joins the load that began before it: the old value is back, for a whole ttl.

/** A price that is changed while its first load is on its way with the old one. */
function changing(): { load: () => Promise<number>; commit: () => void; answerFirst: () => void } {
  const first = new Deferred();
  let price = 1;
  let loads = 0;

  return {
    load: async () => {
      const read = price;
      loads += 1;
      if (loads === 1) await first.promise;
      return read;
    },
    commit: () => (price = 2),
    answerFirst: () => {
      first.resolve();
    },
  };
}

it('the peer keeps the old value after its eviction', async () => {
  const { load, commit, answerFirst } = changing();
  const cache = createCache();
  const read = (): Promise<number> => cache.wrap('price', load, 60_000);

  const before = read();
  await cache.get('price');
  commit();
  await cache.del('price');
  const after = read();
  answerFirst();

  expect([await before, await after, await read()]).toEqual([1, 1, 1]);
});

it('a load that ran during the eviction answers its own caller, and is not kept', async () => {
  const { load, commit, answerFirst } = changing();
  const engine = new EngineUnderTest();
  const read = engine.cached({ name: 'prices', consistency: 'strong', tags: { product: () => 'a' } }, load);
  const write = engine.writing({ tags: { product: () => 'a' } }, async () => {
    commit();
  });

  const before = read();
  await write();
  const after = read();
  answerFirst();

  expect([await before, await after, await read()]).toEqual([1, 2, 2]);
});
