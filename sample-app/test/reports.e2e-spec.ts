import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RegistrationReport } from '../src/reports/reports.types.js';
import { bodyOf, TestShop } from './support/shop.js';

describe('Reports (eventual, 5 min or up to a tenth less)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const report = () => shop.anybody.get('/reports/registrations').expect(200);
  const customersIn = async () => (await bodyOf<RegistrationReport>(report())).customers;

  it('the expensive query has run when thirty managers come to work', async () => {
    expect(await shop.databaseTrips(() => Promise.all(Array.from({ length: 30 }, report)))).toBe(0);
  });

  it('a new customer is in the report five minutes later', async () => {
    const before = await customersIn();
    await shop.anybody.post('/customers').send({ id: 'alan', name: 'Alan' }).expect(201);

    shop.clock.advance('269s');
    expect(await customersIn()).toBe(before);

    shop.clock.advance('31001ms');
    expect(await customersIn()).toBe(before + 1);
  });

  it('a report that takes long is loaded anew before it expires, and nobody waits for it', async () => {
    shop.clock.advance('5m');
    const held = shop.database.holdNextAnswer();
    const first = report().then();
    await held.hasLeft;
    shop.clock.advance('20s');
    held.release();
    await first;
    shop.story.clear();

    // The later it gets, the likelier: that all of these pass it by has a chance of one in a billion.
    const trips = await shop.databaseTrips(async () => {
      for (let second = 0; second < 280 && !isLoadedAnew(); second += 1) {
        shop.clock.advance('1s');
        await report();
      }
    });

    expect(trips).toBe(1);
    expect(isLoadedAnew()).toBe(true);
    expect(shop.story.lines().filter((line) => line.startsWith('entry-missed'))).toEqual([]);

    function isLoadedAnew(): boolean {
      return shop.story.lines().includes('refresh-begun ReportsService.registrations expires-early');
    }
  });
});
