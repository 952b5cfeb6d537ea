import { Client, Pool } from 'pg';
import type { PoolClient } from 'pg';

/** The database of this spec file, for whoever is no part of what is tested: the writers, and whoever looks on. */
export class Database {
  readonly pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });

  constructor() {
    // Backends are terminated on purpose.
    this.pool.on('error', () => undefined);
  }

  async run(sql: string): Promise<void> {
    await this.pool.query(sql);
  }

  async number(sql: string): Promise<number> {
    const { rows } = await this.pool.query<{ number: string }>(`SELECT (${sql}) AS number`);

    return Number(rows[0]?.number);
  }

  /** An open transaction, which the test ends with COMMIT or ROLLBACK through `end`. */
  async begin(): Promise<OpenTransaction> {
    const client = await this.pool.connect();
    await client.query('BEGIN');

    return new OpenTransaction(client);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

export class OpenTransaction {
  constructor(readonly client: PoolClient) {}

  async run(sql: string): Promise<void> {
    await this.client.query(sql);
  }

  async end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    await this.client.query(how);
    this.client.release();
  }
}

/** A connection under a name that can be looked for in `pg_stat_activity`. */
export function connectionNamed(name: string, options = ''): Client {
  return new Client({ connectionString: process.env.DATABASE_URL, application_name: name, options });
}
