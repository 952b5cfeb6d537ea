import { Pool } from 'pg';

/** What the database of the shops says itself, past every cache. */
export class ShopDatabase {
  private readonly pool = new Pool({ connectionString: process.env.DATABASE_URL });

  /** In alphabetical order. */
  async permissionsOf(customer: string): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ permission: string }>(
      'SELECT permission FROM permissions WHERE customer_id = $1 ORDER BY permission',
      [customer],
    );

    return rows.map(({ permission }) => permission);
  }

  stockOf(sku: string): Promise<number> {
    return this.number('SELECT available AS number FROM stock WHERE sku = $1', sku);
  }

  priceOf(sku: string): Promise<number> {
    return this.number('SELECT cents AS number FROM prices WHERE sku = $1', sku);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  private async number(query: string, key: string): Promise<number> {
    const { rows } = await this.pool.query<{ number: number }>(query, [key]);

    return rows[0]?.number ?? NaN;
  }
}
