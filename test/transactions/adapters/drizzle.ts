import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { transactional, Transactions } from 'nestjs-consistent-cache';
import { Pool } from 'pg';
import { NUMBERS } from '../numbers-table.js';
import { databaseUrl, Rows, type Adapter } from '../rows.js';
import { DrizzleRows } from './drizzle-rows.js';

type Db = ReturnType<typeof drizzle<Record<string, never>, Pool>>;

const DRIZZLE = Symbol('drizzle');

// #region provide
const drizzleProvider = {
  provide: DRIZZLE,
  inject: [Transactions],
  useFactory: (transactions: Transactions) =>
    transactional(transactions, drizzle({ client: new Pool({ connectionString: databaseUrl() }) })),
};
// #endregion

export const drizzleOnPostgres: Adapter = {
  name: 'drizzle over node-postgres',
  hasOutsiders: true,
  parts: () => ({
    providers: [
      drizzleProvider,
      { provide: Rows, inject: [DRIZZLE], useFactory: (db: Db) => new DrizzleRows(db, () => db.$client.end()) },
    ],
  }),
};

export const drizzleOnPglite: Adapter = {
  name: 'drizzle over PGlite',
  hasOutsiders: false,
  parts: () => ({
    providers: [
      {
        provide: Rows,
        inject: [Transactions],
        useFactory: async (transactions: Transactions) => {
          const client = await PGlite.create();
          for (const statement of NUMBERS) await client.exec(statement);

          return new DrizzleRows(transactional(transactions, drizzlePglite({ client })), () => client.close());
        },
      },
    ],
  }),
};
