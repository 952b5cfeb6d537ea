import type { ProductPage, ProductRevision } from '../../catalog/catalog.types.js';
import { History, total } from '../history.js';
import { count, databaseTrips, duration, fault, type Scene, staff } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const TTL_MS = 60_000;
const SKUS = Array.from({ length: 20 }, (_, index) => `clock-00${String(index + 10)}`);
const READS_PER_PAGE = 10;

export const catalogScene: Scene = {
  title: 'Product pages: eventual, over immutable',
  promise: 'a page is never older than a minute, and nearly never read from the database',
  naively: 'wrap for 60 s, delete on change',

  async play(shop) {
    const before = await databaseTrips(shop);
    const parts = await Promise.all(SKUS.map((sku) => readAndReword(shop, sku)));
    const trips = (await databaseTrips(shop)) - before;
    const { reads, behind, worstMs } = total(parts.map((history) => history.staleness()));

    return {
      figures: [
        ['reads, before and after an edit', count(reads)],
        ['reads of the old wording', count(behind)],
        ['trips to the database, edits included', count(trips)],
      ],
      broken: [
        ...fault(worstMs > TTL_MS, `a page was ${duration(worstMs)} behind`),
        ...fault(trips > reads / 2, `${count(trips)} trips to the database for ${count(reads)} reads`),
      ],
    };
  },
};

async function readAndReword(shop: Visitor, sku: string): Promise<History> {
  const history = new History();
  const read = async () => {
    const answer = accepted(await shop.get<ProductPage>(`/products/${sku}`));
    history.read(answer.body.revision, answer);
  };

  for (let reads = 0; reads < READS_PER_PAGE; reads += 1) await read();
  const wording = { title: 'Reworded', description: 'Reworded during the visit.' };
  const answer = accepted(await staff(shop).put<ProductRevision>(`/products/${sku}`, wording));
  history.wrote(answer.body.revision, answer);
  for (let reads = 0; reads < READS_PER_PAGE; reads += 1) await read();

  return history;
}
