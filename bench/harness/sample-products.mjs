/**
 * The values that are cached: a product page, nested the way rows joined by an application are nested, and described in
 * a text that fills it up to exactly the wanted size.
 *
 * Only what JSON can carry (no Date, no Map), so that peers which copy through JSON do correct work too.
 */
const SHARE_OF_TEXT = 0.2;
const SENTENCE = 'Grips on wet rock, dries overnight, and forgives a heel that lands late. ';

export function productText(sku, bytes) {
  const product = {
    sku,
    title: `Trail running shoe ${sku}`,
    description: '',
    price: { amount: 129.95, currency: 'EUR', vatRate: 0.21 },
    stock: { available: 41, reserved: 3, warehouses: ['AMS-1', 'LYS-2'] },
    rating: { average: 4.4, count: 388 },
    variants: [],
  };
  let length = JSON.stringify(product).length;
  for (let size = 36; length < bytes * (1 - SHARE_OF_TEXT); size += 0.5) {
    const variant = {
      id: `${sku}-${size}`,
      size,
      colour: { name: 'Midnight blue', hex: '#191970' },
      available: size % 2 === 0,
      weightGrams: 280 + size,
    };
    length += JSON.stringify(variant).length + 1;
    product.variants.push(variant);
  }
  const room = bytes - JSON.stringify(product).length;
  product.description = SENTENCE.repeat(Math.ceil(room / SENTENCE.length)).slice(0, room);

  return JSON.stringify(product);
}

/** Fresh objects and flat strings on every call, as a database driver makes them from the bytes it received. */
export function productOf(sku, bytes) {
  return JSON.parse(productText(sku, bytes));
}
