import type { Clock } from '../../time/clock.js';
import type { RedisLink } from './redis-link.js';

const UPTIME = /^uptime_in_seconds:(\d+)/m;
/** The id under which it followed another server, before it became master itself. */
const FOLLOWED_BEFORE = /^master_replid2:(?!0+\s*$)\S/m;

/**
 * When a server's silence about announced writes can be believed.
 *
 * One that has just started, or was a replica, may not know what was announced to the server before it, while that write
 * has passed its fence and is about to commit. Its process finds out with its next renewal, which is due well within a
 * lease, and announces again; so for one lease nothing is taken for unannounced.
 */
export class IntentGrace {
  /** By epoch, the instant of the running clock from which all who still write have announced again. */
  private readonly overAtMs = new Map<string, number>();

  /** @param running never overestimates a length of time: with a clock that is set forward the grace would end too early */
  constructor(
    private readonly link: RedisLink,
    private readonly running: Clock,
    private readonly leaseMs: number,
  ) {}

  /**
   * Whether writes may be under way of which the server behind `key`, which answered in this epoch, was never told.
   *
   * @throws {StoreUnavailableError} when that cannot be found out
   */
  isRunning(key: string, epoch: string): boolean | Promise<boolean> {
    const overAtMs = this.overAtMs.get(epoch);

    return overAtMs === undefined ? this.begin(key, epoch) : this.running.nowMs() < overAtMs;
  }

  private async begin(key: string, epoch: string): Promise<boolean> {
    const askedMs = this.running.nowMs();
    const { value, epoch: answering } = await this.link.send(key, ['INFO']);
    // Replaced in between: what it says is of another server.
    if (answering !== epoch) return true;

    const info = String(value);
    // When a replica was promoted cannot be asked, so its time begins when we meet it.
    const servedForMs = FOLLOWED_BEFORE.test(info) ? 0 : surelyServedMs(Number(UPTIME.exec(info)?.[1] ?? 0));
    const overAtMs = askedMs - servedForMs + this.leaseMs;
    this.overAtMs.set(epoch, Math.min(overAtMs, this.overAtMs.get(epoch) ?? Infinity));

    return this.running.nowMs() < overAtMs;
  }
}

/** It counts seconds of the clock that have begun, so it says up to one more than it has served. */
function surelyServedMs(uptimeSeconds: number): number {
  return Math.max(0, uptimeSeconds - 1) * 1000;
}
