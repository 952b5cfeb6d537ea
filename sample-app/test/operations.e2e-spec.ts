import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CacheFigures } from 'nestjs-consistent-cache';
import { Database } from '../src/database/database.js';
import { seedFingerprint } from '../src/database/seed.js';
import { editions } from '../src/database/tables.js';
import type { CacheOverview } from '../src/operations/operations.types.js';
import { bodyOf, TestShop, until } from './support/shop.js';

describe('Operations', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  it('the catalogue names every cache with its level, its scope and its owner', async () => {
    const { cached, neverStored } = await bodyOf<CacheOverview>(shop.anybody.get('/operations/caches'));
    const rows = cached.map(({ name, consistency, scope, owner }) => [name, consistency, scope, owner].join(' | '));

    expect(rows).toEqual([
      'AccountsService.permissionsOf | linearizable | user | accounts',
      'CartService.cartOf | session | user | cart',
      'CatalogService.categories | eventual | shared | catalog',
      'CatalogService.listing | eventual | shared | catalog',
      'CatalogService.pageOf | eventual | shared | catalog',
      'CatalogService.revisionOf | immutable | shared | catalog',
      'InventoryService.stockOf | strong | shared | inventory',
      'PricingService.priceOf | bounded | shared | pricing',
      'ReportsService.registrations | eventual | shared | reporting',
      'ShippingService.quote | eventual | shared | the carrier',
      'StorefrontService.offerOf | bounded | shared | storefront',
    ]);
    expect(neverStored).toEqual([
      {
        place: expect.stringContaining('AccountsService.walletOf'),
        because: 'money: a balance is never kept anywhere, not even in a browser',
      },
    ]);
  });

  it('the catalogue says how stale a price may be, why, and what evicts it', async () => {
    const { cached } = await bodyOf<CacheOverview>(shop.anybody.get('/operations/caches'));

    expect(cached.find(({ name }) => name === 'PricingService.priceOf')).toMatchObject({
      maxStalenessMs: 5_000,
      onErrorMs: 120_000,
      because: 'a price may lag 5 s; agreed with the pricing team',
      evictedBy: ['@CacheEvict on PricingService.changePrice'],
    });
  });

  it('an idle connection is kept for longer than those who send keep it', async () => {
    const { headers } = await shop.anybody.get('/operations/caches').set('connection', 'keep-alive');

    expect(headers['keep-alive']).toBe('timeout=65');
  });

  it('the figures count what happened', async () => {
    await shop.anybody.get('/products/towel-0001/price').expect(200);
    await shop.anybody.get('/products/towel-0001/price').expect(200);
    await shop.anybody.get('/products/towel-9999/price').expect(404);

    const { body } = await shop.anybody.get('/operations/figures').expect(200);
    expect(body['PricingService.priceOf']).toMatchObject({ hit: 1, miss: 2, loads: 2, loadErrors: 1 });
  });

  it('the figures show how long loads take beside how many reads need none', async () => {
    shop.carrier.mode = 'slow';
    const rates = shop.anybody.get('/shipping/rates?country=FR&grams=100').expect(200).then();
    await until(() => shop.carrier.open === 1);
    shop.clock.advance('700ms');
    await rates;
    shop.carrier.mode = 'up';
    for (let each = 0; each < 3; each += 1) await shop.anybody.get('/shipping/rates?country=FR&grams=100').expect(200);

    const figures = await bodyOf<Record<string, CacheFigures>>(shop.anybody.get('/operations/figures'));
    expect(figures['ShippingService.quote']).toMatchObject({ hit: 3, miss: 1, loadMsMax: 700, slowLoads: 1 });
    expect(figures['ShippingService.quote']?.loadMsP50).toBeCloseTo(700, -1);
    expect(figures['ShippingService.quote']?.loadMsP99).toBeCloseTo(700, -1);
  });

  it('the figures name the caches that an offer is made of, and the catalogue what evicts each', async () => {
    await shop.anybody.get('/products/towel-0003/offer').expect(200);

    const figures = await bodyOf<Record<string, CacheFigures>>(shop.anybody.get('/operations/figures'));
    const parts = figures['StorefrontService.offerOf']?.madeOf ?? [];
    expect(parts).toEqual(['CatalogService.pageOf', 'InventoryService.stockOf', 'PricingService.priceOf']);

    const { cached } = await bodyOf<CacheOverview>(shop.anybody.get('/operations/caches'));
    const evicting = cached.filter(({ name }) => parts.includes(name)).flatMap(({ evictedBy }) => evictedBy);
    expect(evicting).toEqual([
      '@CacheEvict on CatalogService.reword',
      '@CacheEvict on InventoryService.receive',
      '@CacheEvict on InventoryService.reserve',
      '@CacheEvict on PricingService.changePrice',
    ]);
  });

  it('the weather can be changed, within reason', async () => {
    await shop.anybody.put('/operations/conditions').send({ databaseDown: true }).expect(204);
    await shop.anybody.get('/products/towel-0002/price').expect(503, /The database does not answer/);
    await shop.anybody.put('/operations/conditions').send({ databaseDown: false, carrier: 'flaky' }).expect(204);
    await shop.anybody.get('/products/towel-0002/price').expect(200);

    await shop.anybody
      .put('/operations/conditions')
      .send({ carrier: 'asleep' })
      .expect(400, /carrier must be one of/);
    await shop.anybody
      .put('/operations/conditions')
      .send({ databaseLatencyMs: -1 })
      .expect(400, /not be less than 0/);
  });

  it('the shop was filled from this schema and this seed', async () => {
    // When this fails after a change of schema.sql or seed.ts: src/database/make-dump.ts says how to renew the dump.
    const edition = await shop.app.get(Database).read((orm) => orm.select().from(editions));

    expect(edition).toEqual([{ fingerprint: seedFingerprint() }]);
  });
});
