import { eq } from 'drizzle-orm';
import { integer, pgTable, text, type PgDatabase, type PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Rows, type Isolation } from '../rows.js';

/** numbers-table.ts, as drizzle sees it. */
export const numbers = pgTable('numbers', { id: text().primaryKey(), value: integer().notNull() });

/** The same over node-postgres and over PGlite. */
export type Orm = PgDatabase<PgQueryResultHKT>;

// #region database
/** What every repository runs its queries on: the transaction around the running call, or else the database. */
class Database {
  private readonly open = new AsyncLocalStorage<Orm>();

  constructor(private readonly db: Orm) {}

  get orm(): Orm {
    return this.open.getStore() ?? this.db;
  }

  transaction<T>(body: () => Promise<T>, isolationLevel: Isolation = 'read committed'): Promise<T> {
    return this.db.transaction((tx) => this.open.run(tx, body), { isolationLevel });
  }

  savepoint<T>(body: () => Promise<T>): Promise<T> {
    return this.orm.transaction((tx) => this.open.run(tx, body));
  }
}
// #endregion

export class DrizzleRows extends Rows {
  private readonly database: Database;

  constructor(
    db: Orm,
    private readonly disconnect: () => Promise<void>,
  ) {
    super();
    this.database = new Database(db);
  }

  override async read(id: string): Promise<number> {
    const [row] = await this.database.orm.select().from(numbers).where(eq(numbers.id, id));

    return row?.value ?? NaN;
  }

  override async write(id: string, value: number): Promise<void> {
    await this.database.orm.update(numbers).set({ value }).where(eq(numbers.id, id));
  }

  override transaction<T>(body: () => Promise<T>, isolation?: Isolation): Promise<T> {
    return this.database.transaction(body, isolation);
  }

  override ownTransaction<T>(body: () => Promise<T>): Promise<T> {
    return this.database.transaction(body);
  }

  override savepoint<T>(body: () => Promise<T>): Promise<T> {
    return this.database.savepoint(body);
  }

  override onApplicationShutdown(): Promise<void> {
    return this.disconnect();
  }
}
