import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

// A cached read that failed before or after its load, and so had no outcome, told the load around it nothing. What that load
// made of the error was stored as if it had been made of nothing, and no eviction could reach it.

it('what a load makes of a read for nobody is not kept for those who are somebody', async () => {
  const engine = new EngineUnderTest({ ambient: () => undefined });
  const basket = engine.cached(
    { name: 'baskets', consistency: 'eventual', ttl: '1m', scope: 'user', onMissingUser: 'throw' },
    async () => 'a basket',
  );
  const page = engine.cached({ name: 'pages', consistency: 'eventual', ttl: '1m' }, () =>
    basket().catch(() => 'please log in'),
  );

  expect(await page()).toBe('please log in');
  expect(await engine.callers.runAs({ user: 'ann' }, () => page())).toBe('a basket');
  expect(engine.story()).toContain('load-finished pages narrower-scope-read');
});

it("what a load makes of an error in another's `unless` is not kept", async () => {
  const engine = new EngineUnderTest();
  let found: { readonly amount: number } | undefined;
  const price = engine.cached(
    {
      name: 'prices',
      consistency: 'strong',
      tags: { price: () => 1 },
      // Wrong where there is no price.
      unless: (price: { readonly amount: number } | undefined) => (price as { readonly amount: number }).amount < 0,
    },
    async () => found,
  );
  const page = engine.cached({ name: 'pages', consistency: 'strong', tags: { page: () => 1 } }, () =>
    price().then(
      () => 'a price',
      () => 'no price',
    ),
  );

  expect(await page()).toBe('no price');
  await engine.writing({ tags: { price: () => 1 } }, async () => (found = { amount: 2 }))();
  expect(await page()).toBe('a price');
});
