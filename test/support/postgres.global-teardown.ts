import { Client } from 'pg';

/** Stops the server that postgres.global-setup.ts started; one that was given only loses what the suites put there. */
export default async function stopPostgres(): Promise<void> {
  const { POSTGRES_FOR_TESTS: server, POSTGRES_TEMPLATE: template } = process.env;
  if (globalThis.postgresForTests !== undefined) await globalThis.postgresForTests.stop();
  else if (server !== undefined && template !== undefined) await drop(server, template);
}

async function drop(server: string, database: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${database}`);
  } finally {
    await client.end();
  }
}
