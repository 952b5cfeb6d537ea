import type { Order } from '../../checkout/checkout.types.js';
import type { Stock } from '../../inventory/inventory.types.js';
import type { Price } from '../../pricing/pricing.types.js';
import { count, fault, type Scene, staff } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const BUYERS = Array.from({ length: 12 }, (_, index) => `c-01${String(index).padStart(2, '0')}`);
const PIECES_LEFT = 5;

export const checkoutScene: Scene = {
  title: 'Checkout: tolerates no staleness',
  promise: 'a bill shows the price of the moment, and what is sold was there',
  naively: 'the same wrapped prices, 5 s old at most',

  async play(shop) {
    const outdated = (await Promise.all(BUYERS.map((buyer, index) => orderAfterImport(shop, buyer, index)))).filter(
      (isOutdated) => isOutdated,
    ).length;
    const { sold, left } = await orderLastPieces(shop);

    return {
      figures: [
        ['orders right after a price changed', count(BUYERS.length)],
        ['billed at the old price', count(outdated)],
        [`sold of the last ${PIECES_LEFT} pieces to ${BUYERS.length} buyers`, count(sold)],
        ['pieces left on the page after that', count(left)],
      ],
      broken: [
        ...fault(outdated > 0, `${count(outdated)} bills showed an old price`),
        ...fault(sold !== PIECES_LEFT, `${count(sold)} pieces were sold of ${PIECES_LEFT}`),
        ...fault(left !== 0, `the page showed ${count(left)} pieces when none was left`),
      ],
    };
  },
};

/** Looks at the price, as everybody does, and orders right after the nightly job has changed it. */
async function orderAfterImport(shop: Visitor, buyer: string, index: number): Promise<boolean> {
  const sku = `rug-00${String(index + 10)}`;
  accepted(await shop.as(buyer).put(`/cart/${sku}`, { quantity: 1 }));
  const shown = accepted(await shop.get<Price>(`/products/${sku}/price`)).body.cents;
  accepted(await staff(shop).post('/prices/import', { prices: [{ sku, cents: shown + 100 }] }));
  const order = accepted(await shop.as(buyer).post<Order>('/orders')).body;

  return order.totalCents !== shown + 100;
}

/** Everybody orders one of the last pieces at once. */
async function orderLastPieces(shop: Visitor): Promise<{ sold: number; left: number }> {
  const sku = 'vase-0001';
  const { available } = accepted(await shop.get<Stock>(`/products/${sku}/stock`)).body;
  accepted(await staff(shop).post(`/products/${sku}/reservations`, { quantity: available - PIECES_LEFT }));
  await Promise.all(BUYERS.map(async (buyer) => accepted(await shop.as(buyer).put(`/cart/${sku}`, { quantity: 1 }))));

  const answers = await Promise.all(BUYERS.map((buyer) => shop.as(buyer).post<Order>('/orders')));
  const left = accepted(await shop.get<Stock>(`/products/${sku}/stock`)).body.available;

  return { sold: answers.filter(({ status }) => status === 201).length, left };
}
