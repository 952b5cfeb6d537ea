import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RegistrationReport } from '../src/reports/reports.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Reports (eventual, 5 min)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const report = () => shop.anybody.get('/reports/registrations').expect(200);
  const customersIn = async () => (await bodyOf<RegistrationReport>(report())).customers;

  it('the expensive query runs once for thirty managers', async () => {
    expect(await shop.databaseTrips(() => Promise.all(Array.from({ length: 30 }, report)))).toBe(1);
  });

  it('a new customer is in the report five minutes later', async () => {
    const before = await customersIn();
    await shop.anybody.post('/customers').send({ id: 'alan', name: 'Alan' }).expect(201);

    shop.clock.advance('299s');
    expect(await customersIn()).toBe(before);

    shop.clock.advance('1001ms');
    expect(await customersIn()).toBe(before + 1);
  });
});
