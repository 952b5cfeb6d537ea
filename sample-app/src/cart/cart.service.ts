import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict } from 'nestjs-consistent-cache';
import { PricingService } from '../pricing/pricing.service.js';
import { CartRepository } from './cart.repository.js';
import type { Cart } from './cart.types.js';

@Injectable()
export class CartService {
  constructor(
    private readonly carts: CartRepository,
    private readonly pricing: PricingService,
  ) {}

  // #region cartOf
  /**
   * Strong, for one user alone. `session` would do for a cart and ask less of the store; it comes with the store for
   * several processes, and until then is refused at start-up.
   */
  @Cacheable({
    consistency: 'strong',
    scope: 'user',
    owner: 'cart',
    userKey: (customerId: string) => customerId,
    tags: { cart: (customerId: string) => customerId },
  })
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
}
