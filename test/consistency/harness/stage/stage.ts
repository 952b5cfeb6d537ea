import type { RedisServer } from '../../../support/redis-server.js';
import type { TcpProxy } from '../../../support/tcp-proxy.js';
import type { CacheName } from '../caches.js';
import type { Random } from '../random.js';
import type { InstanceProcess } from './instance-process.js';

/** All that a fault can lay its hands on. */
export interface Stage {
  readonly random: Random;
  readonly redis: RedisServer;
  /** `proxies[i]` is the road of `instances()[i]` to Redis. */
  readonly proxies: readonly TcpProxy[];
  readonly instances: () => readonly InstanceProcess[];
  /** Caches that are written in processes of instances. */
  readonly writtenCaches: readonly CacheName[];
  /** Kills an instance, and starts another in its place after some time. */
  readonly replace: (instance: InstanceProcess, downForMs: number) => Promise<void>;
}
