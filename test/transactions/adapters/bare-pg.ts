import { Transactions } from 'nestjs-consistent-cache';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Pool, type PoolClient } from 'pg';
import { databaseUrl, FIND, Rows, SET, type Adapter, type Isolation } from '../rows.js';

const open = new AsyncLocalStorage<PoolClient>();

// #region transaction
async function transaction<T>(
  transactions: Transactions,
  pool: Pool,
  begin: string,
  body: () => Promise<T>,
): Promise<T> {
  return transactions.run(async (inside) => {
    const client = await pool.connect();
    let isBroken = false;
    try {
      await client.query(begin);
      const result = await inside(() => open.run(client, body), client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => (isBroken = true));
      throw error;
    } finally {
      client.release(isBroken);
    }
  });
}
// #endregion

class PgRows extends Rows {
  private savepoints = 0;

  constructor(
    private readonly transactions: Transactions,
    private readonly pool: Pool,
  ) {
    super();
  }

  private get client(): Pool | PoolClient {
    return open.getStore() ?? this.pool;
  }

  override async read(id: string): Promise<number> {
    const { rows } = await this.client.query<{ readonly value: number }>(FIND, [id]);

    return rows[0]?.value ?? NaN;
  }

  override async write(id: string, value: number): Promise<void> {
    await this.client.query(SET, [id, value]);
  }

  override transaction<T>(body: () => Promise<T>, isolation: Isolation = 'read committed'): Promise<T> {
    return transaction(this.transactions, this.pool, `BEGIN ISOLATION LEVEL ${isolation}`, body);
  }

  override ownTransaction<T>(body: () => Promise<T>): Promise<T> {
    return this.transaction(body);
  }

  override async savepoint<T>(body: () => Promise<T>): Promise<T> {
    this.savepoints += 1;
    const name = `savepoint_${this.savepoints}`;
    await this.client.query(`SAVEPOINT ${name}`);
    try {
      return await body();
    } catch (error) {
      await this.client.query(`ROLLBACK TO ${name}`);
      throw error;
    }
  }

  override async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

export const barePg: Adapter = {
  name: 'pg by hand',
  hasOutsiders: true,
  parts: () => ({
    providers: [
      {
        provide: Rows,
        inject: [Transactions],
        useFactory: (transactions: Transactions) =>
          new PgRows(transactions, new Pool({ connectionString: databaseUrl() })),
      },
    ],
  }),
};
