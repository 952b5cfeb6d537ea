import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

// Jest compiles this file for Node's own `require`, which does not know that `.js` means `.ts` here.
const postgres = createRequire(import.meta.url)('./postgres-server.ts') as typeof import('./postgres-server.js');

/**
 * Once for all suites that need PostgreSQL: the server of DATABASE_URL, else one of our own.
 *
 * Where there is none and none may be installed, the suites are skipped by name; with CI=true that is a failure.
 */
export default async function preparePostgres(): Promise<void> {
  process.env.POSTGRES_TEMPLATE = `shop_${randomBytes(8).toString('hex')}`;
  const given = process.env.DATABASE_URL ?? '';
  if (given !== '') {
    process.env.POSTGRES_FOR_TESTS = given;
    return;
  }

  try {
    const server = await postgres.startPostgres();
    globalThis.postgresForTests = server;
    process.env.POSTGRES_FOR_TESTS = server.url;
  } catch (error) {
    if (!(error instanceof postgres.PostgresMissingError) || process.env.CI === 'true') throw error;
    process.env.POSTGRES_FOR_TESTS_MISSING = error.message;
  }
}

declare global {
  var postgresForTests: import('./postgres-server.js').PostgresServer | undefined;
}
