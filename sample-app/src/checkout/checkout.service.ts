import { BadRequestException, Injectable } from '@nestjs/common';
import { CacheEvict, StaleTolerance } from 'nestjs-consistent-cache';
import { CartService } from '../cart/cart.service.js';
import { PricingService } from '../pricing/pricing.service.js';
import { CheckoutRepository } from './checkout.repository.js';
import type { Order } from './checkout.types.js';

@Injectable()
export class CheckoutService {
  constructor(
    private readonly checkout: CheckoutRepository,
    private readonly carts: CartService,
    private readonly pricing: PricingService,
  ) {}

  // #region placeOrder
  /**
   * Turns a cart into an order, at the prices of this moment.
   *
   * `max: 0` reaches every cached read below: a price may lag on a product page, never on a bill. The evictions run
   * when this method has returned, so after the commit; when it throws, nothing has changed and nothing is evicted.
   */
  @StaleTolerance({ max: 0, because: 'a customer pays the price of the moment' })
  @CacheEvict({
    tags: { cart: (customerId: string) => customerId },
    tagsOfResult: { stock: (order: Order) => order.lines.map(({ sku }) => sku) },
  })
  async placeOrder(customerId: string): Promise<Order> {
    const cart = await this.carts.cartOf(customerId);
    if (cart.lines.length === 0) throw new BadRequestException('The cart is empty');

    const lines = await Promise.all(
      cart.lines.map(async (line) => ({ ...line, cents: (await this.pricing.priceOf(line.sku)).cents })),
    );

    return this.checkout.place(customerId, lines);
  }
  // #endregion
}
