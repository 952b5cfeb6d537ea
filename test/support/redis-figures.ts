import type { RedisServer } from './redis-server.js';

/** How many connections it has; the one that asks is one of them. */
export async function clientsOf(server: RedisServer): Promise<number> {
  return String(await server.command('CLIENT', 'LIST'))
    .trim()
    .split('\n').length;
}

/** How often anything was looked up in it. */
export async function lookupsOf(server: RedisServer): Promise<number> {
  const statistics = String(await server.command('INFO', 'commandstats'));

  return [...statistics.matchAll(/cmdstat_m?get:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
