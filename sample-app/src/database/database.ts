import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { DatabaseConditions } from './database-conditions.js';

/** What runs queries: the database, or an open transaction in it. The same for PGlite and for a PostgreSQL server. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** The way from the shop to its database. */
export class Database {
  constructor(
    private readonly orm: Orm,
    private readonly conditions: DatabaseConditions,
    private readonly disconnect: () => Promise<void>,
  ) {}

  /** One statement that changes nothing. */
  read<T>(statement: (orm: Orm) => Promise<T>): Promise<T> {
    return this.conditions.roundTrip(() => statement(this.orm));
  }

  /** One statement that changes something, and commits by itself. */
  write<T>(statement: (orm: Orm) => Promise<T>): Promise<T> {
    return this.conditions.commit(() => statement(this.orm));
  }

  /**
   * Everything that `work` does through `transaction` is committed when it returns and undone when it throws.
   *
   * Use `transaction` only: the embedded database has one connection, so a statement that goes around it would wait
   * for the transaction, which would wait for the statement.
   */
  transaction<T>(work: (transaction: Orm) => Promise<T>): Promise<T> {
    return this.conditions.commit(() => this.orm.transaction(work));
  }

  /** Nest calls it when the application stops; PGlite would keep the process alive otherwise. */
  async onApplicationShutdown(): Promise<void> {
    await this.disconnect();
  }
}
