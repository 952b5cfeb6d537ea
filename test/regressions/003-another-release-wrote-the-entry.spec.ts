import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

// An entry outlives the process that stored it. It was judged by the instants that its release had written into it, and taken
// whatever level it had been loaded under, though the release that serves it promises something else.

/** Two processes over one store. */
function releases(): { readonly before: EngineUnderTest; readonly after: EngineUnderTest } {
  const before = new EngineUnderTest();
  const { clock, entries, versions, intents } = before;

  return { before, after: new EngineUnderTest({ clock, entries: () => entries, versions, intents }) };
}

it('an eventual value is no older than the ttl of the release that serves it', async () => {
  const { before, after } = releases();
  let price = 1;
  const load = async (): Promise<number> => price;
  const priceBefore = before.cached({ name: 'prices', consistency: 'eventual', ttl: '24h' }, load);
  const priceNow = after.cached({ name: 'prices', consistency: 'eventual', ttl: '1m' }, load);
  await priceBefore();
  price = 2;

  after.clock.advance('59s');
  expect(await priceNow()).toBe(1);
  after.clock.advance('1001ms');
  expect(await priceNow()).toBe(2);
  expect(await priceBefore()).toBe(2);
});

it('a strong read takes no entry that was loaded while the cache was eventual', async () => {
  const { before, after } = releases();
  const PRICE = { name: 'prices', consistency: 'bounded', tolerance: { max: '1m' } } as const;
  const tags = { page: () => 1 };
  let price = 1;
  const load = async (): Promise<number> => price;
  const priceBefore = before.cached(PRICE, load);
  const priceNow = after.cached(PRICE, load);
  const pageBefore = before.cached({ name: 'pages', consistency: 'eventual', ttl: '1h', tags }, () => priceBefore());
  const pageNow = after.cached({ name: 'pages', consistency: 'strong', tags }, () => priceNow());
  await priceBefore();
  await after.writing({ tags }, async () => (price = 2))();

  // Valid by its versions and by its age, but made of what no strong read would have been given.
  expect(await pageBefore()).toBe(1);
  expect(await pageNow()).toBe(2);
});
