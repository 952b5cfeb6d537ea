import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cart } from '../src/cart/cart.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Carts (session, one user each)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());
  // What was loaded in the millisecond of an own write may be from before it; so time passes, as it does.
  beforeEach(() => {
    shop.clock.advance('1ms');
  });

  const cart = (customer: string) => shop.as(customer).get('/cart').expect(200);
  const put = (customer: string, sku: string, quantity: number) =>
    shop.as(customer).put(`/cart/${sku}`).send({ quantity });

  it('a customer sees every own change in the next look', async () => {
    await put('c-0001', 'bowl-0001', 1).expect(204);
    expect((await cart('c-0001')).body.lines).toEqual([{ sku: 'bowl-0001', quantity: 1 }]);

    await put('c-0001', 'bowl-0001', 3).expect(204);
    expect((await cart('c-0001')).body.lines).toEqual([{ sku: 'bowl-0001', quantity: 3 }]);

    await shop.as('c-0001').delete('/cart/bowl-0001').expect(204);
    expect((await cart('c-0001')).body.lines).toEqual([]);
  });

  it('two customers never see each other’s cart, not even when they ask at the same moment', async () => {
    await put('ada', 'bowl-0002', 1).expect(204);
    await put('grace', 'bowl-0003', 2).expect(204);

    const customers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'ada' : 'grace'));
    const carts = await Promise.all(customers.map((customer) => bodyOf<Cart>(cart(customer))));

    expect(carts.map(({ customerId }) => customerId)).toEqual(customers);
    expect(carts[0]?.lines).toEqual([{ sku: 'bowl-0002', quantity: 1 }]);
    expect(carts[1]?.lines).toEqual([{ sku: 'bowl-0003', quantity: 2 }]);
  });

  it('a change by one customer leaves the other’s cart in the cache', async () => {
    await cart('ada');
    await put('grace', 'bowl-0004', 1).expect(204);

    // The one trip is to find out who asks.
    expect(await shop.databaseTrips(() => cart('ada'))).toBe(1);
  });

  it('without its cookie a customer is somebody new, who is shown nothing from before', async () => {
    await cart('c-0002');
    const noCookies = () => shop.anybody.get('/cart').set('authorization', 'Bearer c-0002').expect(200);

    expect((await noCookies()).headers['cache-status']).toMatch(/fwd=miss/);
    expect((await cart('c-0002')).headers['cache-status']).toMatch(/CartService.cartOf/);
  });

  it('no shared cache on the way may keep a cart', async () => {
    await cart('ada');
    const { headers } = await cart('ada');

    expect(headers['cache-control']).toBe('private');
    expect(headers['cache-status']).toMatch(/hit; .*detail="CartService.cartOf"/);
  });

  it('nobody has a cart without signing in', async () => {
    await shop.anybody.get('/cart').expect(401, /Send \\"Authorization: Bearer/);
    await shop
      .as('nobody')
      .get('/cart')
      .expect(401, /No customer nobody/);
  });

  it('says what is wrong with a request', async () => {
    await put('ada', 'bowl-0001', 0).expect(400, /quantity must not be less than 1/);
    await put('ada', 'bowl-9999', 1).expect(404, /No price for bowl-9999/);
    await put('ada', 'a bowl', 1).expect(400, /sku must look like/);
  });
});
