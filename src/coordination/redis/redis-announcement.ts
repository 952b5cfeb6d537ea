import { randomBytes } from 'node:crypto';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import type { Clock } from '../../time/clock.js';
import type { Announcement } from '../write-intents.js';
import type { RedisLink } from './redis-link.js';

/**
 * Puts the announcement there for another lease, by the server's clock, and says whether it was there until now.
 *
 * One that was not is put there all the same: its write may be running, and the sooner others see it the better.
 */
const ANNOUNCE = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  local was = redis.call('ZSCORE', KEYS[1], ARGV[1])
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  return was and 1 or 0`;

/** One announced write in Redis, renewed at every third of its lease until it is withdrawn. */
export class RedisAnnouncement implements Announcement {
  private readonly id = randomBytes(9).toString('base64url');
  private epochs: readonly string[] = [];
  /** By this process's clock, from before the sending on: the server counts from later. */
  private renewedAtMs = 0;
  private isGone = false;
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: readonly string[],
    private readonly clock: Clock,
    private readonly leaseMs: number,
  ) {}

  /** @throws {StoreUnavailableError} when it could not be made everywhere; nothing of it is left behind as far as possible */
  async begin(): Promise<void> {
    const sentMs = this.clock.nowMs();
    try {
      const answers = await this.send();
      this.epochs = answers.map(({ epoch }) => epoch);
    } catch (error) {
      void this.withdraw();
      throw error;
    }
    this.renewedAtMs = sentMs;
    this.renewal = setInterval(() => void this.renew(), this.leaseMs / 3);
    this.renewal.unref();
  }

  get lost(): boolean {
    this.isGone ||= this.heldForMs >= this.leaseMs;

    return this.isGone;
  }

  async confirm(): Promise<void> {
    await this.keep();
    if (this.lost) throw new StoreUnavailableError('announced write', 'has lost the announcement');
    // The process may have stood still since it asked; what is left of the lease must be enough to begin with.
    if (this.heldForMs > this.leaseMs / 2) {
      throw new StoreUnavailableError('announced write', 'answered too late to begin under the announcement');
    }
  }

  async withdraw(): Promise<void> {
    clearInterval(this.renewal);
    await Promise.allSettled(this.keys.map((key) => this.link.send(key, ['ZREM', key, this.id])));
  }

  abandon(): void {
    clearInterval(this.renewal);
  }

  private get heldForMs(): number {
    return this.clock.nowMs() - this.renewedAtMs;
  }

  private async renew(): Promise<void> {
    // Tried again at the next third; if that does not help either, the lease passes.
    await this.keep().catch(() => undefined);
  }

  /** @throws {StoreUnavailableError} when the store cannot be asked; what it answers is noted */
  private async keep(): Promise<void> {
    const sentMs = this.clock.nowMs();
    const answers = await this.send();
    const isThere = answers.every(({ value, epoch }, index) => value === 1 && epoch === this.epochs[index]);
    if (!isThere) this.isGone = true;
    if (!this.lost) this.renewedAtMs = Math.max(sentMs, this.renewedAtMs);
  }

  private send(): Promise<readonly { readonly value: unknown; readonly epoch: string }[]> {
    const lease = String(this.leaseMs);

    return Promise.all(this.keys.map((key) => this.link.send(key, ['EVAL', ANNOUNCE, '1', key, this.id, lease])));
  }
}
