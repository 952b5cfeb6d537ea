import { ConflictException, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { orderLines, orders } from '../database/tables.js';
import type { Order, OrderLine } from './checkout.types.js';

@Injectable()
export class CheckoutRepository {
  constructor(private readonly database: Database) {}

  /** Part of the transaction of an order. */
  async add(customerId: string, totalCents: number, lines: readonly OrderLine[]): Promise<Order> {
    const [order] = await this.database.write((orm) =>
      orm.insert(orders).values({ customerId, totalCents }).returning(),
    );
    if (order === undefined) throw new ConflictException('The order was not written');
    await this.database.write((orm) =>
      orm.insert(orderLines).values(lines.map((line) => ({ orderId: order.id, ...line }))),
    );

    return { ...order, lines };
  }
}
