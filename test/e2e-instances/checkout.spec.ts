import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Cart } from '../../sample-app/src/cart/cart.types.js';
import type { Stock } from '../../sample-app/src/inventory/inventory.types.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RegisterHistory } from '../support/register-history.js';
import { ShopDatabase } from '../support/shop-database-client.js';
import { openShops, type ShopInstance, type ShopInstances } from '../support/shop-instances.js';
import { Shopper } from '../support/shopper.js';

const ORDERS = 24;
const READERS_PER_INSTANCE = 2;
/** Of the database, on average, so that orders are under way for a while. */
const LATENCY_MS = 10;
// In the order in which an order takes them: the second is missing when the first has been taken.
const [WANTED, SOLD_OUT] = ['rug-0010', 'rug-0011'];

describeWithRedis('Two instances of the shop that take orders, every other of which fails half-way', () => {
  const database = new ShopDatabase();
  const cartsAfterwards: number[] = [];
  let shops: ShopInstances;
  let history: RegisterHistory;
  let before: number;

  beforeAll(async () => {
    shops = await openShops({ count: 2 });
    const { instances } = shops;
    for (const at of instances)
      await new Shopper().put(at, '/operations/conditions', { databaseLatencyMs: LATENCY_MS });
    await sellOut(instances, SOLD_OUT);
    before = await database.stockOf(WANTED);
    history = new RegisterHistory(String(before));

    let isOver = false;
    const reading = instances.flatMap((at, index) =>
      Array.from({ length: READERS_PER_INSTANCE }, () => readStock(at, `instance ${index}`, history, () => isOver)),
    );
    for (let nth = 0; nth < ORDERS; nth += 1) cartsAfterwards.push(await order(instances, nth, history, before));
    isOver = true;
    await Promise.all(reading);
  });
  afterAll(async () => {
    await database.close();
    await shops.close();
  });

  it('show no piece as taken that was not sold, and every sale once it was acknowledged', () => {
    expect(history.strongViolations()).toEqual([]);
    expect(history.hitCount).toBeGreaterThan(ORDERS);
  });

  it('sell what they say they sell', async () => {
    expect(await database.stockOf(WANTED)).toBe(before - ORDERS / 2);
    expect(await database.stockOf(SOLD_OUT)).toBe(0);
  });

  it('empty the cart of an order, on either instance, and leave that of a failed one as it was', () => {
    expect(cartsAfterwards).toEqual(Array.from({ length: ORDERS }, (_, nth) => (fails(nth) ? 2 : 0)));
  });
});

function fails(nth: number): boolean {
  return nth % 2 === 1;
}

async function sellOut([at]: readonly ShopInstance[], sku: string): Promise<void> {
  if (at === undefined) throw new Error('there is an instance');
  const { body } = await new Shopper().get<Stock>(at, `/products/${sku}/stock`);
  await new Shopper('staff').post(at, `/products/${sku}/reservations`, { quantity: body.available });
}

/** Fills a cart at one instance, orders it at the other, and looks at it at the first. @returns the lines that are left */
async function order(
  instances: readonly ShopInstance[],
  nth: number,
  history: RegisterHistory,
  before: number,
): Promise<number> {
  const [here, there] = nth % 4 < 2 ? instances : instances.toReversed();
  if (here === undefined || there === undefined) throw new Error('there are two instances');
  const shopper = new Shopper(`c-02${String(nth).padStart(2, '0')}`);
  for (const sku of fails(nth) ? [WANTED, SOLD_OUT] : [WANTED])
    await shopper.put(here, `/cart/${sku}`, { quantity: 1 });
  const answer = await shopper.post(there, '/orders');
  if (answer.status !== (fails(nth) ? 409 : 201)) throw new Error(`an order ended with ${answer.status}`);
  if (!fails(nth)) {
    const sold = nth / 2 + 1;
    const { askedAtMs: begunAtMs, answeredAtMs: acknowledgedAtMs } = answer;
    history.wrote({ order: sold, value: String(before - sold), begunAtMs, acknowledgedAtMs });
  }

  return (await shopper.get<Cart>(here, '/cart')).body.lines.length;
}

async function readStock(at: ShopInstance, by: string, history: RegisterHistory, isOver: () => boolean): Promise<void> {
  const anybody = new Shopper();
  while (!isOver()) {
    const { askedAtMs, answeredAtMs, body, cacheStatus } = await anybody.get<Stock>(at, `/products/${WANTED}/stock`);
    const isHit = cacheStatus.includes('; hit');
    history.read({ value: String(body.available), askedAtMs, answeredAtMs, by: `${by} (${cacheStatus})`, isHit });
  }
}
