import { BadRequestException, ConflictException, Injectable } from '@nestjs/common';
import { StaleTolerance } from 'nestjs-consistent-cache';
import { AccountsService } from '../accounts/accounts.service.js';
import { CartService } from '../cart/cart.service.js';
import type { CartLine } from '../cart/cart.types.js';
import { Database } from '../database/database.js';
import { InventoryService } from '../inventory/inventory.service.js';
import { PricingService } from '../pricing/pricing.service.js';
import { CheckoutRepository } from './checkout.repository.js';
import type { Order, OrderLine } from './checkout.types.js';

@Injectable()
export class CheckoutService {
  constructor(
    private readonly database: Database,
    private readonly carts: CartService,
    private readonly pricing: PricingService,
    private readonly inventory: InventoryService,
    private readonly accounts: AccountsService,
    private readonly orders: CheckoutRepository,
  ) {}

  // #region placeOrder
  /**
   * Turns a cart into an order, at the prices of this moment.
   *
   * `max: 0` reaches every cached read below: a price may lag on a product page, never on a bill.
   */
  @StaleTolerance({ max: 0, because: 'a customer pays the price of the moment' })
  async placeOrder(customerId: string): Promise<Order> {
    const cart = await this.carts.cartOf(customerId);
    if (cart.lines.length === 0) throw new BadRequestException('The cart is empty');

    const lines = await Promise.all(
      cart.lines.map(async (line) => ({ ...line, cents: (await this.pricing.priceOf(line.sku)).cents })),
    );

    return this.place(customerId, lines);
  }
  // #endregion

  // #region place
  /**
   * Empties the cart, takes the pieces and the money, and writes the order: all of it, or nothing. What the methods called
   * here evict is evicted when all of it has been committed; when it is rolled back, nothing is.
   *
   * @throws {ConflictException} when the cart has changed, or pieces or money are missing
   */
  private place(customerId: string, priced: readonly OrderLine[]): Promise<Order> {
    // Always in the same order, so that two orders never wait for each other's rows.
    const lines = priced.toSorted((a, b) => a.sku.localeCompare(b.sku));
    const totalCents = lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0);

    return this.database.transaction(async () => {
      // It may have changed, or been ordered from another window, since its lines were priced.
      const taken = await this.carts.empty(customerId);
      if (!isSameCart(taken, lines)) throw new ConflictException('The cart has changed; look at it again');

      for (const { sku, quantity } of lines) await this.inventory.reserve(sku, quantity);
      await this.accounts.charge(customerId, totalCents);

      return this.orders.add(customerId, totalCents, lines);
    });
  }
  // #endregion
}

function isSameCart(taken: readonly CartLine[], priced: readonly CartLine[]): boolean {
  const quantities = new Map(priced.map(({ sku, quantity }) => [sku, quantity]));

  return taken.length === quantities.size && taken.every(({ sku, quantity }) => quantities.get(sku) === quantity);
}
