import { ConflictException, Injectable } from '@nestjs/common';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { CartRepository } from '../cart/cart.repository.js';
import type { CartLine } from '../cart/cart.types.js';
import { Database } from '../database/database.js';
import { orderLines, orders } from '../database/tables.js';
import { InventoryRepository } from '../inventory/inventory.repository.js';
import type { Order, OrderLine } from './checkout.types.js';

@Injectable()
export class CheckoutRepository {
  constructor(
    private readonly database: Database,
    private readonly inventory: InventoryRepository,
    private readonly accounts: AccountsRepository,
    private readonly carts: CartRepository,
  ) {}

  /**
   * Takes the pieces and the money, writes the order and empties the cart: all of it, or nothing.
   *
   * @throws {ConflictException} when the cart has changed, or pieces or money are missing; nothing has changed then
   */
  place(customerId: string, lines: readonly OrderLine[]): Promise<Order> {
    const totalCents = lines.reduce((sum, { quantity, cents }) => sum + quantity * cents, 0);
    // Always in the same order, so that two orders never wait for each other's rows.
    const sorted = lines.toSorted((a, b) => a.sku.localeCompare(b.sku));

    return this.database.transaction(async (transaction) => {
      // The cart may have changed, or been ordered from another window, since its lines were priced.
      const taken = await this.carts.empty(transaction, customerId);
      if (!isSameCart(taken, lines)) throw new ConflictException('The cart has changed; look at it again');

      for (const { sku, quantity } of sorted) {
        const left = await this.inventory.take(transaction, sku, quantity);
        if (left === undefined) throw new ConflictException(`There are not ${quantity} of ${sku}`);
      }
      const charged = await this.accounts.charge(transaction, customerId, totalCents);
      if (!charged) throw new ConflictException(`The wallet does not hold ${totalCents} cents`);

      const [order] = await transaction.insert(orders).values({ customerId, totalCents }).returning();
      if (order === undefined) throw new ConflictException('The order was not written');
      await transaction.insert(orderLines).values(sorted.map((line) => ({ orderId: order.id, ...line })));

      return { ...order, lines: sorted };
    });
  }
}

function isSameCart(taken: readonly CartLine[], priced: readonly CartLine[]): boolean {
  const quantities = new Map(priced.map(({ sku, quantity }) => [sku, quantity]));

  return taken.length === quantities.size && taken.every(({ sku, quantity }) => quantities.get(sku) === quantity);
}
