import { Injectable } from '@nestjs/common';
import { and, eq, gte, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { stock } from '../database/tables.js';
import type { Stock } from './inventory.types.js';

@Injectable()
export class InventoryRepository {
  constructor(private readonly database: Database) {}

  async find(sku: string): Promise<Stock | undefined> {
    const [found] = await this.database.read((orm) => orm.select().from(stock).where(eq(stock.sku, sku)));

    return found;
  }

  async receive(sku: string, quantity: number): Promise<Stock | undefined> {
    const [found] = await this.database.write((orm) =>
      orm
        .update(stock)
        .set({ available: sql`${stock.available} + ${quantity}` })
        .where(eq(stock.sku, sku))
        .returning(),
    );

    return found;
  }

  /** Takes the pieces when they are there; `undefined` leaves everything as it was. */
  async reserve(sku: string, quantity: number): Promise<Stock | undefined> {
    const [left] = await this.database.write((orm) =>
      orm
        .update(stock)
        .set({ available: sql`${stock.available} - ${quantity}` })
        .where(and(eq(stock.sku, sku), gte(stock.available, quantity)))
        .returning(),
    );

    return left;
  }
}
