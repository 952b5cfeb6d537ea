import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, StaleTolerance } from 'nestjs-consistent-cache';
import { PricingService } from '../pricing/pricing.service.js';
import { CartRepository } from './cart.repository.js';
import type { Cart, CartLine } from './cart.types.js';

@Injectable()
export class CartService {
  constructor(
    private readonly carts: CartRepository,
    private readonly pricing: PricingService,
  ) {}

  // #region cartOf
  /**
   * Session, for one user alone: whoever changes a cart sees the change in the next look and never sees it undone, on
   * whichever instance of the shop. The ticket that says what was written and seen travels in a cookie.
   */
  @Cacheable({
    consistency: 'session',
    scope: 'user',
    owner: 'cart',
    userKey: (customerId: string) => customerId,
    tags: { cart: (customerId: string) => customerId },
  })
  @StaleTolerance({ max: '1m', because: 'a change on the phone may show on the laptop a minute later' })
  async cartOf(customerId: string): Promise<Cart> {
    return { customerId, lines: await this.carts.linesOf(customerId) };
  }
  // #endregion

  @CacheEvict({ tags: { cart: (customerId: string) => customerId } })
  async put(customerId: string, sku: string, quantity: number): Promise<void> {
    // Only what has a price can be bought.
    await this.pricing.priceOf(sku);
    await this.carts.put(customerId, { sku, quantity });
  }

  @CacheEvict({ tags: { cart: (customerId: string) => customerId } })
  remove(customerId: string, sku: string): Promise<void> {
    return this.carts.remove(customerId, sku);
  }

  /** Takes every line out and returns what was there. */
  @CacheEvict({ tags: { cart: (customerId: string) => customerId } })
  empty(customerId: string): Promise<CartLine[]> {
    return this.carts.empty(customerId);
  }
}
