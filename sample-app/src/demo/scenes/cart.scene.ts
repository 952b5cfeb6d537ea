import type { Cart } from '../../cart/cart.types.js';
import { count, fault, type Scene } from '../scene.js';
import { accepted, type Visitor } from '../visitor.js';

const ROUNDS = 25;

export const cartScene: Scene = {
  title: 'Carts: session, for one user alone',
  promise: 'a customer sees every own change in the next look, and never anybody else’s cart',
  naively: 'Nest’s CacheInterceptor on the page, whose key is the address',

  async play(shop) {
    const parts = await Promise.all([
      fillCart(shop.as('ada'), 'ada', 'kettle-0001'),
      fillCart(shop.as('grace'), 'grace', 'chair-0001'),
    ]);
    const foreign = parts.reduce((sum, part) => sum + part.foreign, 0);
    const outdated = parts.reduce((sum, part) => sum + part.outdated, 0);

    return {
      figures: [
        ['looks at the own cart', count(parts.length * ROUNDS)],
        ['showed somebody else’s cart', count(foreign)],
        ['lacked the customer’s own last change', count(outdated)],
      ],
      broken: [
        ...fault(foreign > 0, `${count(foreign)} answers were another customer’s cart`),
        ...fault(outdated > 0, `${count(outdated)} answers lacked the customer’s own last change`),
      ],
    };
  },
};

async function fillCart(visitor: Visitor, customer: string, sku: string) {
  let foreign = 0;
  let outdated = 0;
  for (let quantity = 1; quantity <= ROUNDS; quantity += 1) {
    accepted(await visitor.put(`/cart/${sku}`, { quantity }));
    const { body: cart } = accepted(await visitor.get<Cart>('/cart'));
    if (cart.customerId !== customer) foreign += 1;
    else if (cart.lines.find((line) => line.sku === sku)?.quantity !== quantity) outdated += 1;
  }

  return { foreign, outdated };
}
