import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compileTree, type CompiledTree } from '../../scripts/compile-tree.mjs';
import { startRedis, type RedisServer } from './redis-server.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

// An outage of ten seconds takes ten seconds, and a busy machine starts three shops in as many.
jest.setTimeout(60_000);

/** One process of the shop. */
export interface ShopInstance {
  readonly url: string;
  /** It has ended although nobody asked it to. */
  readonly hasDied: boolean;
  /** Whether it runs, and the last that it wrote to standard error: for the story of a failure. */
  readonly state: string;
  /** Stops it in its tracks: its connections stay open, and it does nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

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
}

/** Opens the shops. They end with this process, however it ends. */
export async function openShops({ count, breakableRoads = false }: ShopInstancesOptions): Promise<ShopInstances> {
  const [shop, redis] = await Promise.all([compileTree('shop'), startRedis()]);
  const proxies = breakableRoads
    ? await Promise.all(Array.from({ length: count }, () => startTcpProxy(redis.port)))
    : [];
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, index) => start(shop, proxies[index]?.port ?? redis.port)),
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

/**
 * Says which process the rest of the command line became, and runs it until standard input ends, which it does however this
 * process ends. Killed, not asked: a paused shop cannot answer.
 */
const AS_LONG_AS_STDIN = `
  trap '' INT TERM
  exec 3<&0
  "$@" </dev/null & shop=$!
  echo "process $shop"
  (cat <&3 >/dev/null; kill -KILL $shop) 2>/dev/null &
  wait $shop
`;

const LAST_WORDS = 20;

async function start(shop: CompiledTree, redisPort: number): Promise<ShopInstance> {
  // DATABASE_URL is that of the spec file, whose environment jest keeps apart from the one of the process.
  const { DATABASE_URL } = process.env;
  const shell = spawn('sh', ['-c', AS_LONG_AS_STDIN, 'shop', process.execPath, shop.pathOf('sample-app/src/main.ts')], {
    env: { ...process.env, DATABASE_URL, REDIS_URL: `redis://127.0.0.1:${redisPort}`, PORT: '0', NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  let isEnding = false;
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => {
      hasEnded = true;
      resolve();
    });
  });
  createInterface(shell.stderr).on('line', (line) => log.push(line));

  let pid = 0;
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(shell.stdout).on('line', (line) => {
      const [, of] = /^process (\d+)$/.exec(line) ?? [];
      if (of !== undefined) pid = Number(of);
      const [, at] = /open at (\S+)$/.exec(line) ?? [];
      if (at !== undefined) resolve(at);
    });
    void ended.then(() => {
      reject(new Error(`The shop ended before it opened:\n${log.join('\n')}`));
    });
  });

  return {
    url,
    get hasDied() {
      return hasEnded && !isEnding;
    },
    get state() {
      return [hasEnded ? 'it has ended' : 'it runs', ...log.slice(-LAST_WORDS)].join('\n');
    },
    pause: () => {
      process.kill(pid, 'SIGSTOP');
    },
    resume: () => {
      process.kill(pid, 'SIGCONT');
    },
    kill: async () => {
      isEnding = true;
      shell.stdin.end();
      await ended;
    },
  };
}
