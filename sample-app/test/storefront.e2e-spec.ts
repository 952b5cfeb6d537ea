import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Offer } from '../src/storefront/storefront.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Offers (bounded, 5 s, of wording, price and stock)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const offer = (sku: string) => bodyOf<Offer>(shop.anybody.get(`/products/${sku}/offer`).expect(200));
  const price = (sku: string) => shop.anybody.get(`/products/${sku}/price`).expect(200);

  it('a visitor sees wording, price and stock in one page, from the cache', async () => {
    const seen = await offer('lamp-0010');
    expect(seen).toMatchObject({ sku: 'lamp-0010', category: 'lamp', revision: 1 });

    expect(await shop.databaseTrips(() => offer('lamp-0010'))).toBe(0);
    expect(await offer('lamp-0010')).toEqual(seen);
  });

  it('whatever changes the price, the stock or the wording changes the offer at once', async () => {
    const before = await offer('lamp-0011');
    const staff = () => shop.as('staff');

    await staff().put('/products/lamp-0011/price').send({ cents: 1 }).expect(200);
    expect((await offer('lamp-0011')).cents).toBe(1);

    await staff().post('/products/lamp-0011/receipts').send({ quantity: 3 }).expect(201);
    expect((await offer('lamp-0011')).available).toBe(before.available + 3);

    await staff().put('/products/lamp-0011').send({ title: 'Brighter', description: 'Reworded.' }).expect(200);
    expect(await offer('lamp-0011')).toMatchObject({ title: 'Brighter', cents: 1, available: before.available + 3 });
  });

  it('a change of another product leaves it where it is', async () => {
    await offer('lamp-0012');
    await shop.as('staff').put('/products/lamp-0013/price').send({ cents: 1 }).expect(200);

    expect(await shop.databaseTrips(() => offer('lamp-0012'))).toBe(0);
  });

  it('its five seconds count from when its price was read, and not from when it was put together', async () => {
    const { cents } = await offer('lamp-0014');
    shop.clock.advance('6s');
    await price('lamp-0014');
    await shop.importPrice('lamp-0014', cents + 1);
    shop.clock.advance('4s');
    expect((await offer('lamp-0014')).cents).toBe(cents);

    shop.clock.advance('999ms');
    expect((await offer('lamp-0014')).cents).toBe(cents);
    shop.clock.advance('2ms');
    expect((await offer('lamp-0014')).cents).toBe(cents + 1);
  });

  it('an order changes what is left, and one that fails changes nothing', async () => {
    const before = await offer('lamp-0015');
    const grace = shop.as('grace');
    await grace.put('/cart/lamp-0015').send({ quantity: 1 }).expect(204);
    await shop.as('grace').post('/orders').expect(201);
    expect((await offer('lamp-0015')).available).toBe(before.available - 1);

    const soldOut = await offer('lamp-0016');
    await shop.as('staff').post('/products/lamp-0016/reservations').send({ quantity: soldOut.available }).expect(201);
    await offer('lamp-0015');
    for (const sku of ['lamp-0015', 'lamp-0016']) await shop.as('grace').put(`/cart/${sku}`).send({ quantity: 1 });
    await shop.as('grace').post('/orders').expect(409);
    expect(await shop.databaseTrips(() => offer('lamp-0015'))).toBe(0);
  });

  it('what does not exist has no offer', async () => {
    await shop.anybody.get('/products/lamp-9999/offer').expect(404);
    await shop.anybody.get('/products/LAMP/offer').expect(400, /sku must look like mug-0001/);
  });
});
