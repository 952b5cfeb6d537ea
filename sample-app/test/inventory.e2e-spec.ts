import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stock } from '../src/inventory/inventory.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Stock (strong)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const stock = (sku: string) => shop.anybody.get(`/products/${sku}/stock`).expect(200);
  const availableOf = async (sku: string) => (await bodyOf<Stock>(stock(sku))).available;
  const receive = (sku: string, quantity: number) =>
    shop.as('staff').post(`/products/${sku}/receipts`).send({ quantity }).expect(201);
  const reserve = (sku: string, quantity: number) =>
    shop.as('staff').post(`/products/${sku}/reservations`).send({ quantity });

  it('every delivery and reservation shows in the next read', async () => {
    const before = await availableOf('chair-0001');

    await receive('chair-0001', 5);
    expect(await availableOf('chair-0001')).toBe(before + 5);

    await reserve('chair-0001', 2).expect(201);
    expect(await availableOf('chair-0001')).toBe(before + 3);
  });

  it('stock that nobody touches is read once', async () => {
    await stock('chair-0002');
    shop.clock.advance('50m');

    expect(await shop.databaseTrips(() => stock('chair-0002'))).toBe(0);
  });

  it('an answer that set out before a delivery reaches only those who asked before it', async () => {
    const before = await availableOf('chair-0003');
    // Out of the cache, so that the next read sets out for the database.
    await receive('chair-0003', 1);
    const held = shop.database.holdNextAnswer();
    const early = availableOf('chair-0003');
    await held.hasLeft;
    await receive('chair-0003', 10);
    const late = availableOf('chair-0003');
    held.release();

    expect(await early).toBe(before + 1);
    expect(await late).toBe(before + 11);
    expect(await availableOf('chair-0003')).toBe(before + 11);
  });

  it('a delivery of one product leaves the others in the cache', async () => {
    await stock('chair-0004');
    await receive('chair-0005', 1);

    expect(await shop.databaseTrips(() => stock('chair-0004'))).toBe(0);
  });

  it('a reservation of more than there is changes nothing', async () => {
    const before = await availableOf('chair-0006');
    await reserve('chair-0006', before + 1).expect(409, /There are not/);

    expect(await shop.databaseTrips(() => stock('chair-0006'))).toBe(0);
    expect(await availableOf('chair-0006')).toBe(before);
  });

  it('an answer from the cache says so', async () => {
    expect((await stock('chair-0007')).headers['cache-status']).toMatch(/fwd=miss; detail="InventoryService.stockOf"/);
    expect((await stock('chair-0007')).headers['cache-status']).toMatch(/hit; .*detail="InventoryService.stockOf"/);
  });

  it('says what is wrong with a request', async () => {
    await shop.anybody.get('/products/chair-9999/stock').expect(404, /No stock of chair-9999/);
    await reserve('chair-0001', 0).expect(400, /quantity must not be less than 1/);
    await reserve('chair-0001', 10_001).expect(400, /quantity must not be greater than 10000/);
    await shop.anybody.post('/products/chair-0001/receipts').send({ quantity: 1 }).expect(401);
    await shop
      .as('ada')
      .post('/products/chair-0001/receipts')
      .send({ quantity: 1 })
      .expect(403, /inventory:write/);
  });
});
