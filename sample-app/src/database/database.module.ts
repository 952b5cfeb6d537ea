import { Global, Module } from '@nestjs/common';
import { DatabaseConditions } from './database-conditions.js';
import { Database } from './database.js';
import { openEmbedded, openPostgres } from './open-database.js';

/** The embedded database, or the PostgreSQL server that `DATABASE_URL` names. */
@Global()
@Module({
  providers: [
    DatabaseConditions,
    {
      provide: Database,
      inject: [DatabaseConditions],
      useFactory: async (conditions: DatabaseConditions): Promise<Database> => {
        const url = process.env.DATABASE_URL;
        const { orm, close } = await (url === undefined ? openEmbedded() : openPostgres(url));

        return new Database(orm, conditions, close);
      },
    },
  ],
  exports: [Database, DatabaseConditions],
})
export class DatabaseModule {}
