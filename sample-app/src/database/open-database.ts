import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'drizzle-orm';
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { Pool } from 'pg';
import type { Orm } from './database.js';
import { PRICE_FEED_SQL, wantsPriceFeed } from './price-feed.js';
import { schemaSql, seedFingerprint, seedRows } from './seed.js';
import { editions } from './tables.js';

const DUMP = new URL('shop.tar.gz', import.meta.url);
const ROWS_PER_INSERT = 1_000;

/**
 * Well under the ten seconds for which a linearizable write stays announced when the instance that makes it stops: whatever
 * it has asked of the database is over by then, one way or the other.
 */
const STATEMENT_TIMEOUT_MS = 5_000;

export interface OpenDatabase {
  readonly orm: Orm;
  readonly close: () => Promise<void>;
}

/** An in-memory database of this process, filled from the prepared dump in well under a second. */
export async function openEmbedded(): Promise<OpenDatabase> {
  const client = await PGlite.create({ loadDataDir: new Blob([await readFile(DUMP)]) });

  return { orm: drizzlePglite({ client }), close: () => client.close() };
}

/** A PostgreSQL server. A database without the shop's tables gets them, filled. */
export async function openPostgres(url: string): Promise<OpenDatabase> {
  const pool = new Pool({
    connectionString: url,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
  });
  pool.on('error', (error) => {
    new Logger('Database').warn(`An idle connection was lost: ${error.message}`);
  });
  const orm = drizzleNodePostgres({ client: pool });

  await orm.transaction(async (transaction) => {
    // Two shops that start at once must not both create the tables; the second waits for as long as that takes.
    await transaction.execute(sql`SET LOCAL statement_timeout = 0`);
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext('sample-app'))`);
    const [found] = (await transaction.execute(sql`SELECT to_regclass('editions') AS editions`)).rows;
    if (found?.editions === null) await createShop(transaction);
    if (wantsPriceFeed()) await transaction.execute(sql.raw(PRICE_FEED_SQL));
  });

  return { orm, close: () => pool.end() };
}

/** Creates every table and fills it from the seed. */
export async function createShop(orm: Orm): Promise<void> {
  // One at a time: PGlite takes a single statement in each message.
  for (const statement of schemaSql().split(/;$/m)) await orm.execute(sql.raw(statement));

  for (const { table, rows } of seedRows()) {
    for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
      await orm.insert(table).values(rows.slice(from, from + ROWS_PER_INSERT));
    }
  }
  await orm.insert(editions).values({ fingerprint: seedFingerprint() });
}
