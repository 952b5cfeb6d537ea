import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Price } from '../src/pricing/pricing.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Prices (bounded, 5 s)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterEach(() => {
    shop.database.down = false;
  });
  afterAll(() => shop.close());

  const price = (sku: string) => shop.anybody.get(`/products/${sku}/price`).expect(200);
  const centsOf = async (sku: string) => (await bodyOf<Price>(price(sku))).cents;
  const change = (sku: string, cents: number) => shop.as('staff').put(`/products/${sku}/price`).send({ cents });

  it('a customer sees a changed price at once', async () => {
    await price('mug-0001');
    await change('mug-0001', 1_234).expect(200);

    expect(await centsOf('mug-0001')).toBe(1_234);
  });

  it('a customer sees the new price within five seconds of a change that told no cache', async () => {
    const before = await centsOf('mug-0002');
    await shop.importPrice('mug-0002', before + 1);

    shop.clock.advance('4999ms');
    expect(await centsOf('mug-0002')).toBe(before);

    shop.clock.advance('2ms');
    expect(await centsOf('mug-0002')).toBe(before + 1);
  });

  it('a slow answer does not prolong the five seconds', async () => {
    await change('mug-0003', 1_000);
    const slow = shop.database.holdNextAnswer();
    const first = centsOf('mug-0003');
    await slow.hasLeft;
    await shop.importPrice('mug-0003', 2_000);
    shop.clock.advance('3s');
    slow.release();

    expect(await first).toBe(1_000);
    shop.clock.advance('2001ms');
    expect(await centsOf('mug-0003')).toBe(2_000);
  });

  it('a price up to two minutes old is served and marked while the database is down, and after that the error', async () => {
    await price('mug-0004');
    shop.database.down = true;

    shop.clock.advance('119s');
    const stale = await price('mug-0004');
    expect(stale.headers).toMatchObject({
      age: '119',
      'cache-status': 'nestjs-consistent-cache; hit; ttl=-114; detail="PricingService.priceOf"',
    });

    shop.clock.advance('1001ms');
    await shop.anybody.get('/products/mug-0004/price').expect(503, /The database does not answer/);
  });

  it('a price that was changed is not served, even when the database is down', async () => {
    await price('mug-0005');
    await change('mug-0005', 999).expect(200);
    shop.database.down = true;

    await shop.anybody.get('/products/mug-0005/price').expect(503);
  });

  it('a change that fails evicts nothing', async () => {
    await price('mug-0006');
    shop.story.clear();
    await change('mug-9999', 1_000).expect(404);
    await price('mug-0006');

    expect(shop.story.lines()).toContain('entry-served PricingService.priceOf hit');
    expect(shop.story.lines().join()).not.toContain('evicted');
  });

  it('only those with the permission change a price', async () => {
    const before = await centsOf('mug-0007');

    await shop.anybody.put('/products/mug-0007/price').send({ cents: 1 }).expect(401);
    await shop
      .as('ada')
      .put('/products/mug-0007/price')
      .send({ cents: 1 })
      .expect(403, /pricing:write/);
    expect(await centsOf('mug-0007')).toBe(before);
  });

  it('says what is wrong with a request', async () => {
    await shop.anybody.get('/products/MUG/price').expect(400, /sku must look like mug-0001/);
    await shop.anybody.get('/products/mug-9999/price').expect(404, /No price for mug-9999/);
    await change('mug-0001', 0).expect(400, /cents must not be less than 1/);
    await change('mug-0001', 1.5).expect(400, /cents must be an integer number/);
    await shop
      .as('staff')
      .post('/prices/import')
      .send({ prices: [] })
      .expect(400, /at least 1 element/);
    await shop
      .as('staff')
      .post('/prices/import')
      .send({ prices: [{ sku: 'mug-0001' }] })
      .expect(400, /prices.0.cents/);
    await shop
      .as('staff')
      .put('/products/mug-0001/price')
      .send({ cents: 5, euros: 1 })
      .expect(400, /euros should not/);
  });
});
