import { expect, it } from '@jest/globals';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const PRICES = { name: 'prices', consistency: 'bounded', tolerance: { max: '5s' } } as const;

it('a miss loads and stores, a hit answers, and the bound ends it', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async () => 1);

  await price();
  expect(engine.story()).toEqual(['entry-missed prices absent', 'load-finished prices stored']);

  engine.clock.advance('5s');
  await price();
  expect(engine.story()).toEqual(['entry-served prices hit']);

  engine.clock.advance('1ms');
  await price();
  expect(engine.story()).toEqual(['entry-missed prices bound-exceeded', 'load-finished prices stored']);
});

it('callers of one tick share one load', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async () => 1);

  await Promise.all([price(), price(), price()]);

  expect(engine.story()).toEqual([
    'entry-missed prices absent',
    'entry-missed prices absent',
    'load-joined prices',
    'entry-missed prices absent',
    'load-joined prices',
    'load-finished prices stored',
  ]);
});

it('a demanding caller goes past a valid entry to the origin', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async () => 1);
  await price();
  engine.story();

  await engine.demanding(0, price);

  expect(engine.story()).toEqual(['entry-missed prices demand-exceeded', 'load-finished prices stored']);
});

it('a condition leaves the cache out, unless leaves the result out', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached<[sku: string], number>(
    { ...PRICES, condition: (sku) => sku !== 'secret', unless: (found) => found === 0 },
    async (sku) => sku.length,
  );

  await price('secret');
  expect(engine.story()).toEqual(['read-bypassed prices condition']);

  await price('');
  expect(engine.story()).toEqual(['entry-missed prices absent', 'load-finished prices unless']);
});

it('what cannot be keyed is refused, and answered by the method itself', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached(PRICES, async (of: () => number) => of());

  expect(await price(() => 7)).toBe(7);

  expect(engine.story()).toEqual(['read-refused prices argument-unkeyable']);
});

it('nobody known and somebody else are refused under user scope', async () => {
  const engine = new EngineUnderTest();
  const cart = engine.cached<[user: string | undefined], string>(
    { name: 'carts', consistency: 'eventual', ttl: '1m', scope: 'user', userKey: (user) => user },
    async (user) => `the cart of ${user ?? 'nobody'}`,
  );

  expect(await cart(undefined)).toBe('the cart of nobody');
  expect(await engine.callers.runAs({ user: 'ann' }, () => cart('bob'))).toBe('the cart of bob');

  expect(engine.story()).toEqual(['read-refused carts caller-missing', 'read-refused carts caller-disagrees']);
});

it('nobody known is an error where the policy says so, before the method runs', async () => {
  const engine = new EngineUnderTest();
  let ran = false;
  const cart = engine.cached(
    { name: 'carts', consistency: 'eventual', ttl: '1m', scope: 'user', onMissingUser: 'throw' },
    async () => {
      ran = true;
    },
  );

  await expect(cart()).rejects.toMatchObject({ code: 'CALLER_MISSING' });
  expect(ran).toBe(false);
});

it('a page over a price is loaded anew when the price is', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached({ ...PRICES, tags: { product: () => 'a' } }, async () => 1);
  const page = engine.cached({ ...PRICES, name: 'pages' }, async () => price());
  await page();
  engine.story();

  await engine.evict('product', 'a');
  await page();

  expect(engine.story()).toEqual([
    'tags-evicted test',
    'entry-missed pages superseded',
    'entry-missed prices superseded',
    'load-finished prices stored',
    'load-finished pages stored',
  ]);
});

it('a joined load that is too old for its caller is followed by another', async () => {
  const engine = new EngineUnderTest();
  const answers = [new Deferred(), new Deferred()];
  let pages = 0;
  const price = engine.cached({ ...PRICES, tags: { product: () => 'a' } }, async () => 1);
  const page = engine.cached({ ...PRICES, name: 'pages' }, async () => {
    await price();
    return answers[pages++]?.promise;
  });

  const first = page();
  await engine.evict('product', 'a');
  const second = page();
  answers[0]?.resolve();
  await first;
  answers[1]?.resolve();
  await second;

  expect(engine.story().filter((line) => line.includes('pages'))).toEqual([
    'entry-missed pages absent',
    'entry-missed pages absent',
    'load-joined pages',
    'load-finished pages stored',
    'load-finished pages stored',
  ]);
});
