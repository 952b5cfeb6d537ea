import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import { PRICE_FEED_CONNECTION } from '../../sample-app/src/database/price-feed.js';
import type { CacheOverview } from '../../sample-app/src/operations/operations.types.js';
import type { Offer } from '../../sample-app/src/storefront/storefront.types.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { openShops, type ShopInstance, type ShopInstances } from '../support/shop-instances.js';
import { Shopper } from '../support/shopper.js';
import { withinMs } from '../support/within.js';

/** Well under the five seconds that an offer may lag when nobody tells of a change. */
const AT_ONCE_MS = 2_000;
const [SKU, OTHER] = ['vase-0020', 'vase-0021'];

describeWithRedis('Two instances of the shop, whose prices are changed by SQL as well', () => {
  const database = new Pool({ connectionString: process.env.DATABASE_URL });
  const anybody = new Shopper();
  let shops: ShopInstances;
  beforeAll(async () => {
    shops = await openShops({ count: 2, env: { PRICE_FEED: 'on' } });
  });
  afterAll(async () => {
    await shops.close();
    await database.end();
  });

  const offer = async (at: ShopInstance, sku = SKU) => {
    const { body, cacheStatus } = await anybody.get<Offer>(at, `/products/${sku}/offer`);

    return { cents: body.cents, isHit: cacheStatus.includes('; hit') };
  };
  /** Everybody has it in the cache, put together a moment ago, so that the bound alone would keep it for seconds. */
  const offersAreCached = async () => {
    for (const at of shops.instances) {
      await withinMs(AT_ONCE_MS, async () => (await offer(at)).isHit && (await offer(at, OTHER)).isHit);
    }
  };
  const one = (): ShopInstance => {
    const [first] = shops.instances;
    if (first === undefined) throw new Error('there are two instances');

    return first;
  };
  const setPrice = (cents: number, sku = SKU) =>
    database.query('UPDATE prices SET cents = $1 WHERE sku = $2', [cents, sku]);
  const allShow = (cents: number) =>
    withinMs(AT_ONCE_MS, async () => {
      const offers = await Promise.all(shops.instances.map((at) => offer(at)));

      return offers.every((each) => each.cents === cents);
    });

  it('show the new price in every offer at once, on each of them', async () => {
    for (const cents of [1_111, 2_222, 3_333]) {
      await offersAreCached();
      await setPrice(cents);
      await allShow(cents);
    }
  });

  it('keep what was rolled back to themselves, and the offers of other products', async () => {
    await setPrice(4_444);
    await allShow(4_444);
    await offersAreCached();
    const connection = await database.connect();
    await connection.query('BEGIN');
    await connection.query('UPDATE prices SET cents = 5 WHERE sku = $1', [SKU]);
    await connection.query('ROLLBACK');
    connection.release();
    // What is committed later has been told of when this one would have been.
    await setPrice(5_555, 'vase-0022');
    await withinMs(AT_ONCE_MS, async () => (await offer(one(), 'vase-0022')).cents === 5_555);

    for (const at of shops.instances) expect(await offer(at, OTHER)).toMatchObject({ isHit: true });
    expect(await offer(one())).toEqual({ cents: 4_444, isHit: true });
  });

  it('show what was changed while the feed had lost its connection', async () => {
    await offersAreCached();
    const { rowCount } = await database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1',
      [PRICE_FEED_CONNECTION],
    );
    expect(rowCount).toBe(shops.instances.length);
    await setPrice(6_666);

    await allShow(6_666);
  });

  it('say in their catalogue that others write prices', async () => {
    const { body } = await anybody.get<CacheOverview>(one(), '/operations/caches');
    const prices = body.cached.find(({ name }) => name === 'PricingService.priceOf');

    expect(prices?.evictedBy).toEqual(['@CacheEvict on PricingService.changePrice', 'external writes']);
  });
});
