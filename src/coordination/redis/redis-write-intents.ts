import { RunningClock } from '../../time/clock.js';
import type { Clock } from '../../time/clock.js';
import { WriteIntents } from '../write-intents.js';
import type { Announcement } from '../write-intents.js';
import { IntentGrace } from './intent-grace.js';
import { RedisAnnouncement } from './redis-announcement.js';
import { intentKey } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

/** Renewed three times within it; and as long as the entries of a process that died while writing are not stored. */
const LEASE_MS = 10_000;

/** How many are announced and have not ended, by the server's clock. What has ended is removed on the way. */
const PENDING = `
  local time = redis.call('TIME')
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
  return redis.call('ZCARD', KEYS[1])`;

/**
 * Announced writes that all processes see: a sorted set for each tag, of announcements by the instant at which they end.
 *
 * The keys have no end of their own: a server that is short of memory drops keys that have one first. Scripts are sent
 * whole each time, because a command that has to be sent again, when the server does not know a script, loses its place
 * before the commands that came after it. The server's clock must not be set forward by a lease while a write is running.
 */
export class RedisWriteIntents extends WriteIntents {
  private readonly grace: IntentGrace;

  /**
   * @param namespace what every key begins with
   * @param clock of this process; it may run ahead, so that an announcement is taken for lost too early, never too late
   * @param leaseMs when an announcement ends that nobody renews, in ms; the same in every process
   * @param running by which a length of time is never overestimated: silence is believed too late, never too early
   */
  constructor(
    private readonly link: RedisLink,
    private readonly namespace: string,
    private readonly clock: Clock,
    private readonly leaseMs = LEASE_MS,
    running: Clock = new RunningClock(),
  ) {
    super();
    this.grace = new IntentGrace(link, running, leaseMs);
  }

  override async announce(tags: readonly string[]): Promise<Announcement> {
    const keys = tags.map((tag) => intentKey(this.namespace, tag));
    const announcement = new RedisAnnouncement(this.link, keys, this.clock, this.leaseMs);
    await announcement.begin();

    return announcement;
  }

  /** @throws {StoreUnavailableError} when that is not known */
  override async pending(tags: readonly string[]): Promise<boolean> {
    const asked = await Promise.all(
      tags.map(async (tag) => {
        const key = intentKey(this.namespace, tag);
        const { value, epoch } = await this.link.send(key, ['EVAL', PENDING, '1', key]);

        return value !== 0 || (await this.grace.isRunning(key, epoch));
      }),
    );

    return asked.includes(true);
  }
}
