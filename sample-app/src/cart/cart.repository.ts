import { Injectable } from '@nestjs/common';
import { and, asc, eq } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { cartLines } from '../database/tables.js';
import type { CartLine } from './cart.types.js';

@Injectable()
export class CartRepository {
  constructor(private readonly database: Database) {}

  linesOf(customerId: string): Promise<CartLine[]> {
    return this.database.read((orm) =>
      orm
        .select({ sku: cartLines.sku, quantity: cartLines.quantity })
        .from(cartLines)
        .where(eq(cartLines.customerId, customerId))
        .orderBy(asc(cartLines.sku)),
    );
  }

  async put(customerId: string, { sku, quantity }: CartLine): Promise<void> {
    await this.database.write((orm) =>
      orm
        .insert(cartLines)
        .values({ customerId, sku, quantity })
        .onConflictDoUpdate({ target: [cartLines.customerId, cartLines.sku], set: { quantity } }),
    );
  }

  async remove(customerId: string, sku: string): Promise<void> {
    await this.database.write((orm) =>
      orm.delete(cartLines).where(and(eq(cartLines.customerId, customerId), eq(cartLines.sku, sku))),
    );
  }

  /** Takes every line out and returns what was there. */
  empty(customerId: string): Promise<CartLine[]> {
    return this.database.write((orm) =>
      orm
        .delete(cartLines)
        .where(eq(cartLines.customerId, customerId))
        .returning({ sku: cartLines.sku, quantity: cartLines.quantity }),
    );
  }
}
