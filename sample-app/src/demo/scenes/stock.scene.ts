import { setTimeout as sleep } from 'node:timers/promises';
import type { Stock } from '../../inventory/inventory.types.js';
import { History, type Staleness, total } from '../history.js';
import { count, databaseTrips, duration, fault, repeat, type Scene, setConditions, staff } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const SKUS = Array.from({ length: 4 }, (_, index) => `lamp-000${index + 1}`);
const DELIVERIES_PER_DOCK = 15;
const READERS_PER_SKU = 2;
const AFTERMATH_MS = 500;

export const stockScene: Scene = {
  title: 'Stock: strong',
  promise: 'a read that starts after a delivery was acknowledged sees that delivery or a later one',
  naively: 'wrap for 60 s, delete on change',

  async play(shop) {
    const tripsBefore = await databaseTrips(shop);
    await setConditions(shop, { databaseLatencyMs: 50 });
    const parts = await Promise.all(SKUS.map((sku) => deliver(shop, sku)));
    await setConditions(shop, { databaseLatencyMs: 0 });

    const { reads, behind, worstMs } = total(parts);
    const trips = (await databaseTrips(shop)) - tripsBefore;

    return {
      figures: [
        ['reads while deliveries arrive', count(reads)],
        ['reads behind an acknowledged delivery', count(behind)],
        ['worst staleness', duration(worstMs)],
        ['trips to the database', count(trips)],
      ],
      broken: fault(behind > 0, `${count(behind)} reads were behind an acknowledged delivery`),
    };
  },
};

/** Deliveries arrive at two docks while readers look; then the readers look a little longer. */
async function deliver(shop: Visitor, sku: string): Promise<Staleness> {
  const history = new History();
  let isOver = false;

  const look = async () => {
    const answer = accepted(await shop.get<Stock>(`/products/${sku}/stock`));
    history.read(answer.body.available, answer);
  };
  const dock = async () => {
    for (let delivery = 0; delivery < DELIVERIES_PER_DOCK; delivery += 1) {
      const answer = accepted(await staff(shop).post<Stock>(`/products/${sku}/receipts`, { quantity: 1 }));
      history.wrote(answer.body.available, answer);
    }
  };
  const readers = Array.from({ length: READERS_PER_SKU }, () => repeat(look, () => isOver));
  await Promise.all([dock(), dock()]);
  await sleep(AFTERMATH_MS);
  isOver = true;
  await Promise.all(readers);

  return history.staleness();
}
