import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Wallet } from '../src/accounts/accounts.types.js';
import type { Cart } from '../src/cart/cart.types.js';
import type { Stock } from '../src/inventory/inventory.types.js';
import type { Price } from '../src/pricing/pricing.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Checkout (tolerates no staleness, one transaction)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const put = (customer: string, sku: string, quantity: number) =>
    shop.as(customer).put(`/cart/${sku}`).send({ quantity }).expect(204);
  const order = (customer: string) => shop.as(customer).post('/orders');
  const availableOf = async (sku: string) =>
    (await bodyOf<Stock>(shop.anybody.get(`/products/${sku}/stock`))).available;
  const centsOf = async (sku: string) => (await bodyOf<Price>(shop.anybody.get(`/products/${sku}/price`))).cents;
  const balanceOf = async (customer: string) => (await bodyOf<Wallet>(shop.as(customer).get('/me/wallet'))).cents;
  const linesOf = async (customer: string) => (await bodyOf<Cart>(shop.as(customer).get('/cart'))).lines;
  const leaveInStock = async (sku: string, pieces: number) => {
    const quantity = (await availableOf(sku)) - pieces;
    await shop.as('staff').post(`/products/${sku}/reservations`).send({ quantity }).expect(201);
  };

  it('an order takes the pieces and the money, and empties the cart', async () => {
    const [balance, available, cents] = await Promise.all([
      balanceOf('c-0001'),
      availableOf('rug-0001'),
      centsOf('rug-0001'),
    ]);
    await put('c-0001', 'rug-0001', 2);
    const { body } = await order('c-0001').expect(201);

    expect(body).toMatchObject({ customerId: 'c-0001', totalCents: 2 * cents });
    expect(await balanceOf('c-0001')).toBe(balance - 2 * cents);
    expect(await availableOf('rug-0001')).toBe(available - 2);
    expect(await linesOf('c-0001')).toEqual([]);
  });

  it('a bill shows the price of the moment, although the page may still show the old one', async () => {
    const shown = await centsOf('rug-0002');
    await put('c-0002', 'rug-0002', 1);
    const prices = [{ sku: 'rug-0002', cents: shown + 77 }];
    await shop.as('staff').post('/prices/import').send({ prices }).expect(204);

    expect(await centsOf('rug-0002')).toBe(shown);
    expect((await order('c-0002').expect(201)).body.totalCents).toBe(shown + 77);
  });

  it('many buyers at once never get more than there is', async () => {
    const buyers = Array.from({ length: 10 }, (_, index) => `c-01${String(index).padStart(2, '0')}`);
    await leaveInStock('rug-0003', 3);
    for (const buyer of buyers) await put(buyer, 'rug-0003', 1);

    const answers = await Promise.all(buyers.map((buyer) => order(buyer)));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    expect(await availableOf('rug-0003')).toBe(0);
  });

  it('an order evicts what it has written when all of it is committed, and before its customer hears of it', async () => {
    await put('c-0006', 'rug-0008', 1);
    await put('c-0006', 'rug-0009', 1);
    await Promise.all([availableOf('rug-0008'), availableOf('rug-0009'), linesOf('c-0006')]);
    const committed = shop.database.holdNextCommit();
    shop.story.clear();
    const ordered = order('c-0006')
      .expect(201)
      .then((answer) => answer);
    await committed.hasLeft;
    expect(shop.story.lines().join()).not.toContain('evicted');
    committed.release();
    await ordered;

    expect(shop.story.lines().filter((line) => line.startsWith('tags-evicted'))).toEqual([
      'tags-evicted @CacheEvict on CartService.empty',
      'tags-evicted @CacheEvict on InventoryService.reserve',
      'tags-evicted @CacheEvict on InventoryService.reserve',
    ]);
    expect(await linesOf('c-0006')).toEqual([]);
  });

  it('an order that fails half-way undoes everything, and leaves the caches as they were', async () => {
    await leaveInStock('rug-0005', 1);
    await put('c-0003', 'rug-0004', 1);
    await put('c-0003', 'rug-0005', 2);
    // What is loaded in the very instant of an own write, or of the last look, counts as from before it.
    shop.clock.advance('1s');
    const before = await Promise.all([availableOf('rug-0004'), balanceOf('c-0003'), linesOf('c-0003')]);
    shop.clock.advance('1s');
    shop.story.clear();

    await order('c-0003').expect(409, /There are not 2 of rug-0005/);

    expect(shop.story.lines().join()).not.toContain('evicted');
    expect(await Promise.all([availableOf('rug-0004'), balanceOf('c-0003'), linesOf('c-0003')])).toEqual(before);
    // A rollback is known to have changed nothing, so even the customer's own cart is still served.
    expect(shop.story.lines()).toContain('entry-served InventoryService.stockOf hit');
    expect(shop.story.lines()).toContain('entry-served CartService.cartOf hit');
  });

  it('an order without the money for it takes no pieces', async () => {
    await shop.anybody.post('/customers').send({ id: 'penniless', name: 'P.' }).expect(201);
    const available = await availableOf('rug-0006');
    await put('penniless', 'rug-0006', 1);

    await order('penniless').expect(409, /The wallet does not hold/);
    expect(await availableOf('rug-0006')).toBe(available);
  });

  it('a cart ordered from two windows is ordered once', async () => {
    await put('c-0004', 'rug-0007', 1);
    const available = await availableOf('rug-0007');
    const answers = await Promise.all([order('c-0004'), order('c-0004')]);

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await availableOf('rug-0007')).toBe(available - 1);
  });

  it('an empty cart cannot be ordered, and nobody orders without signing in', async () => {
    await order('c-0005').expect(400, /The cart is empty/);
    await shop.anybody.post('/orders').expect(401);
  });
});
