import { createRequire } from 'node:module';

// Jest compiles this file for Node's own `require`, which does not know that `.js` means `.ts` here.
const load = createRequire(import.meta.url);
const { default: preparePostgres } = load('./postgres.global-setup.ts') as typeof import('./postgres.global-setup.js');
const { default: prepareRedis } = load('./redis.global-setup.ts') as typeof import('./redis.global-setup.js');

/** Once for all suites that need PostgreSQL, Redis or both. */
export default async function prepareServers(): Promise<void> {
  prepareRedis();
  await preparePostgres();
}
