import { jest } from '@jest/globals';
import { compileTree, type CompiledTree } from '../../scripts/compile-tree.mjs';
import { startNodeProgram, type NodeProgram } from './node-program.js';
import { startRedis, type RedisServer } from './redis-server.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

// An outage of ten seconds takes ten seconds, and a busy machine starts three shops in as many.
jest.setTimeout(60_000);

/** One process of the shop. */
export type ShopInstance = NodeProgram;

/** Several processes of the shop over one Redis and the PostgreSQL of the spec file. */
export interface ShopInstances {
  readonly instances: readonly ShopInstance[];
  readonly redis: RedisServer;
  /** Between each instance and Redis; empty unless asked for. */
  readonly proxies: readonly TcpProxy[];
  close(): Promise<void>;
}

export interface ShopInstancesOptions {
  readonly count: number;
  /** Whether the road of each instance to Redis can be broken. It then leads through the process of the test. */
  readonly breakableRoads?: boolean;
  /** Of each shop, beside what it needs to find its servers. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Opens the shops. They end with this process, however it ends. */
export async function openShops({
  count,
  breakableRoads = false,
  env = {},
}: ShopInstancesOptions): Promise<ShopInstances> {
  const [shop, redis] = await Promise.all([compileTree('shop'), startRedis()]);
  const proxies = breakableRoads
    ? await Promise.all(Array.from({ length: count }, () => startTcpProxy(redis.port)))
    : [];
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, index) => start(shop, proxies[index]?.port ?? redis.port, env)),
  );
  const instances = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(instances.map((instance) => instance.kill()));
    await Promise.all([redis.stop(), ...proxies.map((proxy) => proxy.stop())]);
    shop.remove();
  };
  const failure = started.find((each) => each.status === 'rejected');
  if (failure === undefined) return { instances, redis, proxies, close };

  await close();
  throw failure.reason;
}

function start(shop: CompiledTree, redisPort: number, env: Readonly<Record<string, string>>): Promise<ShopInstance> {
  // That of the spec file, whose environment jest keeps apart from the one of the process.
  const { DATABASE_URL = '' } = process.env;
  const servers = { DATABASE_URL, REDIS_URL: `redis://127.0.0.1:${redisPort}`, PORT: '0' };

  return startNodeProgram(shop.pathOf('sample-app/src/main.ts'), { ...servers, ...env });
}
