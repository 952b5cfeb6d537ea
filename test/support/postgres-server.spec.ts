import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { startPostgres } from './postgres-server.js';

describe('PostgreSQL for tests', () => {
  it('answers while it runs, and leaves nothing behind', async () => {
    const server = await startPostgres();
    const data = await ask(server.url, 'SHOW data_directory');
    await server.stop();

    expect(existsSync(String(data))).toBe(false);
    await expect(ask(server.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('says in one line what to install where it is missing', async () => {
    await expect(startPostgres({ folders: [], mayInstall: false })).rejects.toThrow(
      /^PostgreSQL is missing: apt-get install -y postgresql .*DATABASE_URL\)$/,
    );
  });

  it('gives each spec file a shop of its own', async () => {
    expect(await ask(process.env.DATABASE_URL, 'SELECT current_database()')).toMatch(/^spec_[0-9a-f]{16}$/);
    expect(await ask(process.env.DATABASE_URL, 'SELECT count(*)::int FROM products')).toBeGreaterThan(1000);
  });
});

async function ask(url: string | undefined, query: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}
