import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stock } from '../../sample-app/src/inventory/inventory.types.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { ShopDatabase } from '../support/shop-database-client.js';
import { openShops, type ShopInstance, type ShopInstances } from '../support/shop-instances.js';
import { untilCached, visitShops, type Visit } from '../support/shop-visit.js';
import { Shopper, type ShopAnswer } from '../support/shopper.js';
import { tellFigures } from '../support/visit-figures.js';
import { withinMs } from '../support/within.js';

interface Fault {
  readonly name: string;
  readonly happens: (shops: ShopInstances) => Promise<void>;
  /** Whether nobody can reach Redis for longer than a deadline. */
  readonly isOutage?: boolean;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'Redis hangs for three seconds',
    isOutage: true,
    happens: async ({ redis }) => {
      await redis.pause();
      await sleep(3_000);
      await redis.resume();
    },
  },
  {
    name: 'connections to Redis are cut, one after the other',
    happens: async ({ proxies }) => {
      for (let round = 0; round < 4; round += 1) {
        for (const proxy of proxies) {
          proxy.cut();
          await sleep(100);
          proxy.resume();
        }
        await sleep(200);
      }
    },
  },
  {
    name: 'the road of one instance to Redis falls silent, and what waited arrives after all',
    happens: async ({ proxies }) => {
      proxies[0]?.halfOpen();
      await sleep(2_500);
      proxies[0]?.resume();
    },
  },
  {
    name: 'Redis is slow, just within the deadline and then beyond it',
    happens: async ({ proxies }) => {
      for (const delayMs of [100, 400]) {
        for (const proxy of proxies) proxy.delay(delayMs);
        await sleep(1_500);
      }
      for (const proxy of proxies) proxy.resume();
    },
  },
  {
    name: 'Redis is down for ten seconds and comes back with nothing',
    isOutage: true,
    happens: async ({ redis }) => {
      await redis.kill();
      await sleep(10_000);
      await redis.restart({ empty: true });
    },
  },
  {
    name: 'Redis starts again on what it remembered a while ago',
    happens: async ({ redis }) => {
      await redis.snapshot();
      await sleep(1_000);
      await redis.restart();
    },
  },
];

const PRODUCTS = ['kettle', 'lamp', 'chair', 'desk', 'shelf', 'clock'];
/** Before the fault, so that there is something in the caches; and after it, so that what comes late has the time to come. */
const CALM_MS = 1_000;

describeWithRedis('Three instances of the shop, while', () => {
  const database = new ShopDatabase();
  let shops: ShopInstances;
  beforeAll(async () => {
    shops = await openShops({ count: 3, breakableRoads: true });
  });
  afterAll(async () => {
    await database.close();
    await shops.close();
  });

  describe.each(FAULTS.map((fault, index) => ({ ...fault, index })))('$name,', ({ name, happens, isOutage, index }) => {
    const product = PRODUCTS[index] ?? '';
    let visit: Visit;
    beforeAll(async () => {
      const topics = { readersPerInstance: 1, customer: `c-06${index}0`, buyer: `c-06${index}1`, product };
      await untilCached(shops.instances, topics.customer);
      visit = await visitShops(shops.instances, database, topics, async () => {
        await sleep(CALM_MS);
        await happens(shops);
        await sleep(CALM_MS);
      });
      tellFigures(name, visit);
    });

    it('honour no permission once anybody was told, or saw, that it is gone', () => {
      expect(visit.permissions.linearizabilityViolations()).toEqual([]);
      expect(visit.permissions.writeCount).toBeGreaterThan(0);
      expect(visit.permissions.hitCount).toBeGreaterThan(0);
    });

    it('show every acknowledged delivery', () => {
      expect(visit.stock.strongViolations()).toEqual([]);
      expect(visit.stock.writeCount).toBeGreaterThan(0);
      expect(visit.stock.hitCount).toBeGreaterThan(0);
    });

    it('show a customer every own change, and never less than before', () => {
      expect(visit.carts.faults).toEqual([]);
    });

    it('show no price that ceased to hold more than five seconds ago', () => {
      const worst = [visit.importedPrice, visit.changedPrice].map((price) => price.worstStalenessMs());

      expect(Math.max(...worst)).toBeLessThanOrEqual(5_000);
    });

    it('answer every read within a second, at no more than the origin would bear without a cache', () => {
      const { readings, databaseTrips } = visit;

      expect(readings.failed).toEqual([]);
      expect(readings.slowestMs - readings.slowestBesideMs).toBeLessThan(1_000);
      // A signed-in read asks who is calling and then for what it shows; a write by staff asks five times at the most.
      const writes = visit.permissions.writeCount + visit.stock.writeCount + visit.carts.looks;
      expect(databaseTrips).toBeLessThan(2 * readings.answered + 5 * writes);
      expect(shops.instances.filter(({ hasDied }) => hasDied)).toEqual([]);
    });

    if (isOutage === true) {
      it('refuse what they cannot announce, before it touches the database', () => {
        expect(visit.unconfirmed.get('WRITE_REFUSED')).toBeGreaterThan(0);
        expect(visit.refusedButDone).toEqual([]);
      });
    }

    it('use their caches again without a restart', async () => {
      const sku = `${product}-0004`;
      for (const at of shops.instances) {
        await withinMs(3_000, async () => {
          const { cacheStatus } = await new Shopper().get<Stock>(at, `/products/${sku}/stock`);
          return cacheStatus.includes('; hit');
        });
      }
      const { body } = await new Shopper('staff').post<Stock>(oneOf(shops), `/products/${sku}/receipts`, {
        quantity: 1,
      });
      const seen = await Promise.all(
        shops.instances.map((at) => new Shopper().get<Stock>(at, `/products/${sku}/stock`)),
      );

      expect(seen.map((answer) => answer.body.available)).toEqual(shops.instances.map(() => body.available));
    });
  });

  it('Redis comes back as it was before a write, show nothing from before that write', async () => {
    const [sku, customer] = ['rug-0001', 'c-0690'];
    const stale: unknown[] = [];
    const at = oneOf(shops);
    const staff = new Shopper('staff');
    const stockAt = (each: ShopInstance) => new Shopper().get<Stock>(each, `/products/${sku}/stock`);
    const meAt = (each: ShopInstance) => new Shopper(customer).get<{ readonly permissions: string[] }>(each, '/me');
    await staff.put(at, `/customers/${customer}/permissions/pricing:write`);
    await untilCached(shops.instances, customer);
    await withinMs(3_000, async () => isHit(await stockAt(at)));
    await shops.redis.snapshot();
    const { available } = (await staff.post<Stock>(at, `/products/${sku}/receipts`, { quantity: 1 })).body;
    await staff.delete(at, `/customers/${customer}/permissions/pricing:write`);
    await shops.redis.restart();

    // Until they trust it again and cache, and a little longer.
    for (let round = 0; round < 2; round += 1) {
      await withinMs(3_000, async () => {
        const seen = await Promise.all(shops.instances.map(stockAt));
        const held = await Promise.all(shops.instances.map(meAt));
        stale.push(...seen.map(({ body }) => body.available).filter((each) => each !== available));
        stale.push(...held.flatMap(({ body }) => body.permissions));

        return seen.every(isHit);
      });
    }
    expect(stale).toEqual([]);
  });
});

const isHit = ({ cacheStatus }: ShopAnswer<unknown>): boolean => cacheStatus.includes('; hit');

function oneOf({ instances: [first] }: ShopInstances): ShopInstances['instances'][number] {
  if (first === undefined) throw new Error('there is no instance');

  return first;
}
