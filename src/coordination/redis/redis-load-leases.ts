import { randomBytes } from 'node:crypto';
import type { Clock } from '../../time/clock.js';
import { LEASE_TIMES, LoadLeases } from '../load-leases.js';
import type { LeaseAnswer, LeaseTimes, LoadLease } from '../load-leases.js';
import { leaseKey } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

/** In the place of a holder, none of whom has this name: theirs are longer. */
const FRUITLESS = 'fruitless';

const ACQUIRE = `
  if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 'granted' end
  return redis.call('GET', KEYS[1]) == '${FRUITLESS}' and '${FRUITLESS}' or 'held'`;

/** A lease that has ended may be another's by now. */
const RENEW = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const RELEASE = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
  redis.call('SET', KEYS[1], '${FRUITLESS}', 'PX', ARGV[2])
  return 1`;

/**
 * Leases among processes: one Redis key for each id that is being loaded.
 *
 * The question leaves in the call itself: what is read in the same tick travels behind it, and on the same connection sees
 * what was stored before the lease was granted.
 */
export class RedisLoadLeases extends LoadLeases {
  /**
   * @param namespace what every key begins with
   * @param clock of this process, by which leases are renewed
   */
  constructor(
    private readonly link: RedisLink,
    private readonly namespace: string,
    private readonly clock: Clock,
    private readonly times: LeaseTimes = LEASE_TIMES,
  ) {
    super();
  }

  override async acquire(id: string): Promise<LeaseAnswer> {
    const lease = new RedisLoadLease(this.link, leaseKey(this.namespace, id), this.clock, this.times);
    try {
      const answer = await lease.take();
      if (answer === 'held' || answer === FRUITLESS) return answer;
    } catch {
      // The link has told that it failed. Nobody may wait for a store, and it may yet carry the command out.
      return lease;
    }
    lease.renewAtThirds();

    return lease;
  }
}

/** One lease in Redis. */
class RedisLoadLease implements LoadLease {
  private readonly holder = randomBytes(9).toString('base64url');
  private stopRenewal: () => void = () => undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly key: string,
    private readonly clock: Clock,
    private readonly times: LeaseTimes,
  ) {}

  /** @throws {StoreUnavailableError} */
  take(): Promise<unknown> {
    return this.run(ACQUIRE, this.times.leaseMs);
  }

  renewAtThirds(): void {
    this.stopRenewal = this.clock.after(this.times.leaseMs / 3, () => {
      this.renewAtThirds();
      void this.renew();
    });
  }

  release(stored: boolean): void {
    this.stopRenewal();
    // What cannot be released ends by itself.
    this.run(RELEASE, stored ? 0 : this.times.fruitlessMs).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    // One that failed is tried again at the next third; if that does not help either, the lease passes.
    const answer = await this.run(RENEW, this.times.leaseMs).catch(() => undefined);
    if (answer === 0) this.stopRenewal();
  }

  /** @throws {StoreUnavailableError} */
  private async run(script: string, ms: number): Promise<unknown> {
    const { value } = await this.link.send(this.key, ['EVAL', script, '1', this.key, this.holder, String(ms)]);

    return value;
  }
}
