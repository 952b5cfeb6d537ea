import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { ShopDatabase } from '../support/shop-database-client.js';
import { openShops, type ShopInstances } from '../support/shop-instances.js';
import { untilCached, visitShops, type Visit, type VisitSoFar } from '../support/shop-visit.js';
import { Shopper } from '../support/shopper.js';
import { tellFigures } from '../support/visit-figures.js';
import { withinMs } from '../support/within.js';

/** Longer than prices may lag, so that what lags longer has the time to show. */
const VISIT_MS = 8_000;
/** How long a busy machine may take until there is enough to judge by. */
const PATIENCE_MS = 30_000;
/** Of the database, on average: now and then much longer, so that answers overtake each other. */
const LATENCY_MS = 30;
const TOPICS = { readersPerInstance: 3, customer: 'c-0500', buyer: 'c-0501', product: 'mug' };

/** A visit without writes, or without hits, would keep every promise. */
function isTelling({ permissions, stock, looksAtCart }: VisitSoFar): boolean {
  if (permissions === undefined || stock === undefined) return false;

  return (
    permissions.writeCount > 10 &&
    permissions.hitCount > 50 &&
    stock.writeCount > 20 &&
    stock.hitCount > 100 &&
    looksAtCart > 20
  );
}

describeWithRedis('Three instances of the shop over one Redis', () => {
  const database = new ShopDatabase();
  let shops: ShopInstances;
  let visit: Visit;
  beforeAll(async () => {
    shops = await openShops({ count: 3 });
    await untilCached(shops.instances, TOPICS.customer);
    for (const at of shops.instances)
      await new Shopper().put(at, '/operations/conditions', { databaseLatencyMs: LATENCY_MS });
    visit = await visitShops(shops.instances, database, TOPICS, async (soFar) => {
      await sleep(VISIT_MS);
      await withinMs(PATIENCE_MS, () => Promise.resolve(isTelling(soFar)));
    });
    tellFigures('all is well', visit);
  });
  afterAll(async () => {
    await database.close();
    await shops.close();
  });

  it('honour no permission once anybody was told, or saw, that it is gone', () => {
    expect(visit.permissions.linearizabilityViolations()).toEqual([]);
  });

  it('show every acknowledged delivery, whichever dock it came to', () => {
    expect(visit.stock.strongViolations()).toEqual([]);
  });

  it('show a customer every own change, and never less than before, wherever each request arrives', () => {
    expect(visit.carts.faults).toEqual([]);
  });

  it('show no price that ceased to hold more than five seconds ago, not even one that nobody evicted', () => {
    expect(visit.importedPrice.worstStalenessMs()).toBeLessThanOrEqual(5_000);
    // It does lag, or there would be nothing to bound.
    expect(visit.importedPrice.worstStalenessMs()).toBeGreaterThan(1_000);
    expect(visit.changedPrice.worstStalenessMs()).toBeLessThan(1_000);
  });

  it('answer every read, most of them without the database', () => {
    expect(visit.readings.failed).toEqual([]);
    expect([...visit.unconfirmed]).toEqual([]);
    expect(visit.readings.hits).toBeGreaterThan(visit.readings.answered / 2);
  });
});
