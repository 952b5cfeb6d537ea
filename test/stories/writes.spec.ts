import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

const PRICES = { name: 'prices', consistency: 'strong', tags: { product: (sku: string) => sku } } as const;

it('a write evicts what it names, and leaves its neighbours', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async (sku: string) => sku);
  const change = engine.writing({ tags: { product: (sku: string) => sku } }, async () => undefined, 'changePrice');
  await price('a');
  await price('b');
  engine.story();

  await change('a');
  await price('a');
  await price('b');

  expect(engine.story()).toEqual([
    'tags-evicted changePrice',
    'entry-missed prices superseded',
    'load-finished prices stored',
    'entry-served prices hit',
  ]);
});

it('a write that fails evicts nothing', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async (sku: string) => sku);
  const change = engine.writing({ tags: { product: () => 'a' } }, async () => Promise.reject(new Error('conflict')));
  await price('a');
  engine.story();

  await expect(change()).rejects.toThrow('conflict');
  await price('a');

  expect(engine.story()).toEqual(['entry-served prices hit']);
});

it('a result that does not say what was written widens the eviction to the family', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async (sku: string) => sku);
  const create = engine.writing({ tagsOfResult: { product: () => undefined as never } }, async () => ({}), 'create');
  await price('a');
  engine.story();

  await create();
  await price('a');

  expect(engine.story()).toEqual([
    'eviction-widened create product',
    'tags-evicted create',
    'entry-missed prices superseded',
    'load-finished prices stored',
  ]);
});

it('forgetting a user leaves no entry of theirs', async () => {
  const engine = new EngineUnderTest();
  const cart = engine.cached({ name: 'carts', consistency: 'eventual', ttl: '1h', scope: 'user' }, async () => 'cart');
  const asAnn = (): Promise<string> => engine.callers.runAs({ user: 'ann' }, () => cart());
  const asBob = (): Promise<string> => engine.callers.runAs({ user: 'bob' }, () => cart());
  const forget = engine.writing({ user: () => 'ann' }, async () => undefined, 'forget');
  await asAnn();
  await asBob();
  engine.story();

  await forget();
  await asAnn();
  await asBob();

  expect(engine.story()).toEqual([
    'tags-evicted forget',
    'entry-missed carts superseded',
    'load-finished carts stored',
    'entry-served carts hit',
  ]);
});
