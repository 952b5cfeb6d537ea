import { randomBytes } from 'node:crypto';
import { LoadLeases } from '../load-leases.js';
import type { LoadLease } from '../load-leases.js';
import { leaseKey } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

/** Longer than most loads take, and as long as others wait for a process that died while loading. */
const LEASE_MS = 5_000;

/** A lease that has ended may be another's by now. */
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** Leases among processes: one Redis key for each id that is being loaded. */
export class RedisLoadLeases extends LoadLeases {
  /**
   * @param namespace what every key begins with
   * @param leaseMs when a lease that is not released ends, in ms
   */
  constructor(
    private readonly link: RedisLink,
    private readonly namespace: string,
    private readonly leaseMs = LEASE_MS,
  ) {
    super();
  }

  override async acquire(id: string): Promise<LoadLease | undefined> {
    const key = leaseKey(this.namespace, id);
    const holder = randomBytes(9).toString('base64url');
    const lease = { release: () => void this.release(key, holder) };
    try {
      const { value } = await this.link.send(key, ['SET', key, holder, 'NX', 'PX', String(this.leaseMs)]);

      return value === 'OK' ? lease : undefined;
    } catch {
      // The link has told that it failed. Nobody may wait for a store, and it may yet carry the command out.
      return lease;
    }
  }

  private async release(key: string, holder: string): Promise<void> {
    // What cannot be released ends by itself.
    await this.link.send(key, ['EVAL', RELEASE, '1', key, holder]).catch(() => undefined);
  }
}
