import { tableOf, type Comparison, summaryOf } from './report.js';
import { duration, type Scene } from './scene.js';
import { carrierScene } from './scenes/carrier.scene.js';
import { cartScene } from './scenes/cart.scene.js';
import { catalogScene } from './scenes/catalog.scene.js';
import { checkoutScene } from './scenes/checkout.scene.js';
import { permissionScene } from './scenes/permission.scene.js';
import { priceScene } from './scenes/price.scene.js';
import { reportScene } from './scenes/report.scene.js';
import { stockScene } from './scenes/stock.scene.js';
import { walletScene } from './scenes/wallet.scene.js';
import { startShop } from './shop-process.js';
import { Visitor } from './visitor.js';

// The same visit to two shops: one with the caches that it declares, one with caching as it is usually written. Ends
// with 0 only when every promise of the first was kept.

const startedAtMs = performance.now();
const [ours, naive] = await Promise.all([
  startShop('../main.js'),
  startShop('./naive/main.js', { SHOP_CACHING: 'off' }),
]);
console.log(`Two shops are open: ${ours.url} with this library (after ${duration(ours.startedInMs)}),`);
console.log(`${naive.url} with cache-manager by hand (after ${duration(naive.startedInMs)}).`);

async function play(scene: Scene): Promise<Comparison> {
  const [oursOutcome, naiveOutcome] = await Promise.all([ours, naive].map(({ url }) => scene.play(new Visitor(url))));
  if (oursOutcome === undefined || naiveOutcome === undefined) throw new Error(`${scene.title} was not played`);
  const comparison = { scene, ours: oursOutcome, naive: naiveOutcome };
  console.log(tableOf(comparison));

  return comparison;
}

// The carrier's bad ten seconds concern nobody else, so they pass while the other scenes play.
const carrier = play(carrierScene);
const comparisons: Comparison[] = [];
for (const scene of [
  stockScene,
  permissionScene,
  walletScene,
  cartScene,
  checkoutScene,
  catalogScene,
  reportScene,
  priceScene,
]) {
  comparisons.push(await play(scene));
}
comparisons.push(await carrier);

console.log(summaryOf(comparisons));
await Promise.all([ours.stop(), naive.stop()]);
console.log(`\nThe visit took ${duration(performance.now() - startedAtMs)}.`);
process.exitCode = comparisons.every(({ ours: { broken } }) => broken.length === 0) ? 0 : 1;
