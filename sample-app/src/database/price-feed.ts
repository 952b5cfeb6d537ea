import { Client } from 'pg';
import type { ExternalWrites } from 'nestjs-consistent-cache';
import { externalWritesSql, postgresFeed } from 'nestjs-consistent-cache/postgres';

// #region families
/** Prices are also written by programs that know nothing of the shop. */
const FAMILIES = { price: { table: 'prices', column: 'sku' } };
// #endregion

/** Whether such writes are to be seen at once, and not only within the bound of a price. */
export function wantsPriceFeed(): boolean {
  return process.env.PRICE_FEED === 'on';
}

/** The triggers that note them, as a migration. */
export const PRICE_FEED_SQL = externalWritesSql(FAMILIES);

/** By what PostgreSQL knows its connection. */
export const PRICE_FEED_CONNECTION = 'the price feed';

/** @throws {Error} without a PostgreSQL server, whose triggers and notifications it takes */
export function priceFeed(connectionString: string | undefined): ExternalWrites {
  if (connectionString === undefined) throw new Error('PRICE_FEED=on needs a PostgreSQL server: set DATABASE_URL');

  return postgresFeed({
    connect: () => new Client({ connectionString, application_name: PRICE_FEED_CONNECTION }),
    families: FAMILIES,
  });
}
