import { beforeAll, jest } from '@jest/globals';
import { Client } from 'pg';

const CREATING_MS = 60_000;

// Whoever waits for something here says for how long.
jest.setTimeout(CREATING_MS);

// A file of its own has an empty database of its own.
beforeAll(async () => {
  const { POSTGRES_FOR_TESTS: server = '', DATABASE_URL: own = '' } = process.env;
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${new URL(own).pathname.slice(1)}`);
  } finally {
    await client.end();
  }
}, CREATING_MS);
