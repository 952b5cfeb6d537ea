import { createRequire } from 'node:module';

// Jest compiles this file for Node's own `require`, which does not know that `.js` means `.ts` here.
const redis = createRequire(import.meta.url)('./redis-program.ts') as typeof import('./redis-program.js');

/** Once, before the first suite asks for a Redis of its own: two of them must not install it at the same time. */
export default function prepareRedis(): void {
  if (redis.findRedis() === undefined) redis.installRedis();
  if (redis.findRedis() === undefined && process.env.CI === 'true') throw new redis.RedisMissingError();
}
