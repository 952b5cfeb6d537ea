import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestShop } from './support/shop.js';

describe('Catalogue (eventual, over immutable revisions)', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await TestShop.open();
  });
  afterAll(() => shop.close());

  const page = (sku: string) => shop.anybody.get(`/products/${sku}`).expect(200);
  const reword = (sku: string, title: string) =>
    shop.as('staff').put(`/products/${sku}`).send({ title, description: 'Reworded.' });

  it('the categories are there before anybody asks', async () => {
    expect(await shop.databaseTrips(() => shop.anybody.get('/categories').expect(200))).toBe(0);
  });

  it('a visitor leafs through thousands of products', async () => {
    const { body: categories } = await shop.anybody.get('/categories').expect(200);
    expect(categories).toHaveLength(12);
    expect(categories[0]).toEqual({ slug: 'blanket', name: 'Blankets', products: 250 });

    const { body: listing } = await shop.anybody.get('/products?category=mug&page=11').expect(200);
    expect(listing).toMatchObject({ category: 'mug', page: 11 });
    expect(listing.products).toHaveLength(10);
  });

  it('a page is read from the database once a minute', async () => {
    await page('lamp-0001');

    shop.clock.advance('59999ms');
    expect(await shop.databaseTrips(() => page('lamp-0001'))).toBe(0);

    shop.clock.advance('2ms');
    // The page again, and not its wording: that is immutable.
    expect(await shop.databaseTrips(() => page('lamp-0001'))).toBe(1);
  });

  it('a hundred visitors at once cost one read', async () => {
    const trips = await shop.databaseTrips(() =>
      Promise.all(Array.from({ length: 100 }, () => shop.anybody.get('/products/lamp-0002/revisions/1').expect(200))),
    );

    expect(trips).toBe(1);
  });

  it('an edited page shows its new wording at once, also in the listing', async () => {
    await page('desk-0001');
    await shop.anybody.get('/products?category=desk').expect(200);
    await reword('desk-0001', 'Standing desk').expect(200);

    expect((await page('desk-0001')).body).toMatchObject({ title: 'Standing desk', revision: 2 });
    const { body: listing } = await shop.anybody.get('/products?category=desk').expect(200);
    expect(listing.products[0]).toEqual({ sku: 'desk-0001', title: 'Standing desk' });
  });

  it('an old revision stays what it was, from the cache, for a day', async () => {
    const revision = () => shop.anybody.get('/products/desk-0002/revisions/1').expect(200);
    const { body: before } = await revision();
    await reword('desk-0002', 'Writing desk').expect(200);

    shop.clock.advance('23h');
    expect(await shop.databaseTrips(revision)).toBe(0);
    expect((await revision()).body).toEqual(before);
  });

  it('what does not exist is asked for once in ten seconds', async () => {
    const askInVain = () => shop.anybody.get('/products/lamp-9999').expect(404, /No product lamp-9999/);
    expect(await shop.databaseTrips(askInVain)).toBe(1);

    shop.clock.advance('9999ms');
    expect(await shop.databaseTrips(askInVain)).toBe(0);

    shop.clock.advance('2ms');
    expect(await shop.databaseTrips(askInVain)).toBe(1);
  });

  it('a revision that does not exist is never kept: it may be written at any moment', async () => {
    await shop.anybody.get('/products/lamp-0001/revisions/9').expect(404, /No revision 9 of lamp-0001/);
  });

  it('says what is wrong with a request', async () => {
    await shop.anybody.get('/products').expect(400, /category must be a slug/);
    await shop.anybody.get('/products?category=mug&page=0').expect(400, /page must not be less than 1/);
    await shop.anybody.get('/products?category=mug&page=two').expect(400, /page must be an integer/);
    await shop.anybody.get('/products/lamp-0001/revisions/-1').expect(400, /revision must not be less than 1/);
    await reword('lamp-0001', '').expect(400, /title must be longer than or equal to 1/);
    await shop.as('ada').put('/products/lamp-0001').send({ title: 'A', description: 'B' }).expect(403);
  });
});
