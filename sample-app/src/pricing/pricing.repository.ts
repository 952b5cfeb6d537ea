import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { prices } from '../database/tables.js';
import type { Price } from './pricing.types.js';

@Injectable()
export class PricingRepository {
  constructor(private readonly database: Database) {}

  async find(sku: string): Promise<Price | undefined> {
    const [price] = await this.database.read((orm) => orm.select().from(prices).where(eq(prices.sku, sku)));

    return price;
  }

  async change(sku: string, cents: number): Promise<Price | undefined> {
    const [price] = await this.database.write((orm) =>
      orm.update(prices).set({ cents }).where(eq(prices.sku, sku)).returning(),
    );

    return price;
  }

  async changeAll(changes: readonly Price[]): Promise<void> {
    await this.database.transaction(async (transaction) => {
      for (const { sku, cents } of changes) {
        await transaction.update(prices).set({ cents }).where(eq(prices.sku, sku));
      }
    });
  }
}
