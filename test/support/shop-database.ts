import { beforeAll } from '@jest/globals';
import { Client } from 'pg';
import { openPostgres } from '../../sample-app/src/database/open-database.js';

const FILLING_MS = 60_000;

// The first file fills a shop, which takes seconds; every file gets a copy of it, which takes a moment.
beforeAll(async () => {
  const { POSTGRES_FOR_TESTS: server = '', POSTGRES_TEMPLATE: template = '', DATABASE_URL: own = '' } = process.env;
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    // Files start side by side, and only one of them may fill.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) {
      await client.query(`CREATE DATABASE ${template}`);
      await fill(withDatabase(server, template));
    }
    await client.query(`CREATE DATABASE ${new URL(own).pathname.slice(1)} TEMPLATE ${template}`);
  } finally {
    await client.end();
  }
}, FILLING_MS);

async function fill(url: string): Promise<void> {
  const { close } = await openPostgres(url);
  await close();
}

function withDatabase(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = database;

  return url.href;
}
