import { expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { EngineUnderTest } from '../support/engine-under-test.js';

// cache-manager's default store hands out the object that it keeps: what one caller changes, all others are served.

interface Order {
  total: number;
  readonly lines: { sku: string }[];
  readonly placed: Date;
}
const order = (): Order => ({ total: 1, lines: [{ sku: 'a' }], placed: new Date(0) });

it('the peer serves what a caller has changed', async () => {
  const cache = createCache();
  const read = (): Promise<Order> => cache.wrap('order', async () => order());

  (await read()).total = 999;

  expect((await read()).total).toBe(999);
});

it('a caller cannot change a shared value', async () => {
  const engine = new EngineUnderTest();
  const read = engine.cached({ name: 'orders', consistency: 'strong' }, async () => order());
  const mine = await read();

  expect(() => (mine.total = 999)).toThrow(TypeError);
  expect(() => mine.lines.push({ sku: 'b' })).toThrow(TypeError);
  expect(() => mine.placed.setFullYear(1999)).toThrow(TypeError);
  expect(await read()).toEqual(order());
});

it('a copied value may be changed, and the change stays with its caller', async () => {
  const engine = new EngineUnderTest();
  const read = engine.cached({ name: 'orders', consistency: 'strong', values: 'copied' }, async () => order());

  for (const mine of [await read(), await read()]) {
    mine.total = 999;
    mine.lines.push({ sku: 'b' });
    mine.placed.setFullYear(1999);
  }

  expect(await read()).toEqual(order());
});

it('the origin may go on changing what it has answered', async () => {
  const engine = new EngineUnderTest();
  const kept = order();
  const read = engine.cached({ name: 'orders', consistency: 'strong' }, async () => kept);
  await read();

  kept.total = 999;

  expect((await read()).total).toBe(1);
});
