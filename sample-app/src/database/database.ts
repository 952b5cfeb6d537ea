import { AsyncLocalStorage } from 'node:async_hooks';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { DatabaseConditions } from './database-conditions.js';

/** What runs queries: the database, or an open transaction in it. The same for PGlite and for a PostgreSQL server. */
export type Orm = PgDatabase<PgQueryResultHKT>;

/** The way from the shop to its database. Inside a transaction every statement goes over that, whoever asks for it. */
export class Database {
  private readonly open = new AsyncLocalStorage<Orm>();

  constructor(
    private readonly orm: Orm,
    private readonly conditions: DatabaseConditions,
    private readonly disconnect: () => Promise<void>,
  ) {}

  /** One statement that changes nothing. */
  read<T>(statement: (orm: Orm) => Promise<T>): Promise<T> {
    return this.inTransaction(statement) ?? this.conditions.roundTrip(() => statement(this.orm));
  }

  /** One statement that changes something, and commits by itself outside of a transaction. */
  write<T>(statement: (orm: Orm) => Promise<T>): Promise<T> {
    return this.inTransaction(statement) ?? this.conditions.commit(() => statement(this.orm));
  }

  // #region transaction
  /** Everything that `work` does is committed when it returns and undone when it throws. */
  transaction<T>(work: (transaction: Orm) => Promise<T>): Promise<T> {
    return this.conditions.commit(() =>
      this.orm.transaction((transaction) => this.open.run(transaction, () => work(transaction))),
    );
  }
  // #endregion

  private inTransaction<T>(statement: (orm: Orm) => Promise<T>): Promise<T> | undefined {
    const open = this.open.getStore();

    return open && statement(open);
  }

  /** Nest calls it when the application stops; PGlite would keep the process alive otherwise. */
  async onApplicationShutdown(): Promise<void> {
    await this.disconnect();
  }
}
