import { Global, Module } from '@nestjs/common';
import { transactional, Transactions } from 'nestjs-consistent-cache';
import { DatabaseConditions } from './database-conditions.js';
import { Database } from './database.js';
import { openEmbedded, openPostgres } from './open-database.js';

/** The embedded database, or the PostgreSQL server that `DATABASE_URL` names. */
@Global()
@Module({
  providers: [
    DatabaseConditions,
    // #region provide
    {
      provide: Database,
      inject: [DatabaseConditions, Transactions],
      useFactory: async (conditions: DatabaseConditions, transactions: Transactions): Promise<Database> => {
        const url = process.env.DATABASE_URL;
        const { orm, close } = await (url === undefined ? openEmbedded() : openPostgres(url));

        // From here on caches know of its transactions: evictions wait for their commit.
        return transactional(transactions, new Database(orm, conditions, close));
      },
    },
    // #endregion
  ],
  exports: [Database, DatabaseConditions],
})
export class DatabaseModule {}
