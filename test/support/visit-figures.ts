import type { Visit } from './shop-visit.js';

/** Prints what a visit measured, with SHOP_FIGURES=1: that no promise was broken says little without how often it was tried. */
export function tellFigures(title: string, visit: Visit): void {
  if (process.env.SHOP_FIGURES === undefined) return;
  const { permissions, stock, changedPrice, importedPrice, carts, readings, unconfirmed, databaseTrips } = visit;
  const registers = Object.entries({ permissions, stock, changedPrice, importedPrice }).map(
    ([name, history]) =>
      `  ${name}: ${history.writeCount} writes, ${history.reads.length} reads, ${history.hitCount} of them hits, at worst ${history.worstStalenessMs().toFixed(0)} ms stale`,
  );
  const requests = `  ${readings.answered} reads answered, ${readings.hits} from the cache, slowest ${readings.slowestMs.toFixed(0)} ms, ${readings.failed.length} failed; ${databaseTrips} trips to the database`;
  const doubts = `  writes not confirmed: ${JSON.stringify(Object.fromEntries(unconfirmed))}; ${carts.looks} looks at the cart`;

  process.stderr.write([title, ...registers, requests, doubts, ''].join('\n'));
}
