import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { externalWritesSql, postgresFeed } from 'nestjs-consistent-cache/postgres';
import type { OpenExternalWrites } from '../../src/coordination/external-writes.js';
import { SystemClock } from '../../src/time/clock.js';
import { startPostgres } from '../support/postgres-server.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { withinMs } from '../support/within.js';

const SOON_MS = 8_000;
const FAMILIES = { price: { table: 'prices', column: 'sku' } };

let server: PostgresServer;
let program: Client;
let feed: OpenExternalWrites | undefined;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '5' } });
  program = new Client({ connectionString: server.url });
  await program.connect();
  await program.query('CREATE TABLE prices (sku text PRIMARY KEY)');
  await program.query(externalWritesSql(FAMILIES));
}, 60_000);
afterAll(async () => {
  await feed?.close();
  await program.end();
  await server.stop();
});

// PostgreSQL refuses PREPARE TRANSACTION to whoever has notified, and here that would be the trigger.
it('another program commits in two phases, and its change is found by the next look', async () => {
  const evicted: string[] = [];
  feed = postgresFeed({
    connect: () => new Client({ connectionString: server.url }),
    families: FAMILIES,
    period: '50ms',
  }).open({ reader: undefined, clock: new SystemClock(), report: () => undefined });
  await feed.listen(async (tags) => void evicted.push(...tags));
  await withinMs(SOON_MS, async () => evicted.includes('fprice'));

  await program.query(`BEGIN; INSERT INTO prices VALUES ('import')`);
  await program.query(`PREPARE TRANSACTION 'import'`);
  await program.query(`INSERT INTO prices VALUES ('meanwhile')`);
  await withinMs(SOON_MS, async () => evicted.includes('v5:price:meanwhile'));
  expect(evicted).not.toContain('v5:price:import');

  await program.query(`COMMIT PREPARED 'import'`);
  await withinMs(SOON_MS, async () => evicted.includes('v5:price:import'));
});
