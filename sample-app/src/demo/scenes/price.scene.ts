import { setTimeout as sleep } from 'node:timers/promises';
import type { Price } from '../../pricing/pricing.types.js';
import { History, total } from '../history.js';
import { count, duration, fault, repeat, type Scene, setConditions, staff } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const BOUND_MS = 5_000;
const SKUS = Array.from({ length: 16 }, (_, index) => `mug-00${String(index + 10)}`);

/**
 * A price is read over a slow connection. While the answer is under way, the nightly job writes new prices straight
 * into the table and tells no cache.
 */
export const priceScene: Scene = {
  title: 'Prices: bounded, 5 s',
  promise: 'nobody reads a price that ceased to hold more than 5 s ago, whatever happens to an eviction',
  naively: 'wrap for 5 s, delete on change',

  async play(shop) {
    const histories = await Promise.all(SKUS.map((sku) => knownPrice(shop, sku)));

    await setConditions(shop, { databaseLatencyMs: 1_200 });
    const underWay = Promise.all(SKUS.map((sku) => shop.get(`/products/${sku}/price`)));
    await sleep(950);
    await setConditions(shop, { databaseLatencyMs: 0 });
    const prices = SKUS.map((sku) => ({ sku, cents: 2_000 }));
    const imported = accepted(await staff(shop).post('/prices/import', { prices }));
    for (const { history } of histories) history.wrote(2_000, imported);
    await underWay;

    const isOver = () => performance.now() - imported.answeredAtMs > BOUND_MS + 1_500;
    await Promise.all(
      histories.map(({ sku, history }) =>
        repeat(
          async () => {
            const answer = accepted(await shop.get<Price>(`/products/${sku}/price`));
            history.read(answer.body.cents, answer);
          },
          isOver,
          150,
        ),
      ),
    );

    const { reads, behind, worstMs } = total(histories.map(({ history }) => history.staleness()));

    return {
      figures: [
        ['reads after the job', count(reads)],
        ['reads of an old price', count(behind)],
        ['worst staleness', duration(worstMs)],
      ],
      broken: fault(worstMs > BOUND_MS, `a price was read ${duration(worstMs)} after it ceased to hold`),
    };
  },
};

async function knownPrice(shop: Visitor, sku: string): Promise<{ sku: string; history: History }> {
  accepted(await staff(shop).put(`/products/${sku}/price`, { cents: 1_000 }));

  return { sku, history: new History() };
}
