import { createClient } from '@redis/client';
import type { RedisClientOptions, RedisClientType } from '@redis/client';
import type { Clock } from '../../time/clock.js';
import type { RedisEndpoint } from './redis-link.js';

/** What a connection tells whoever listens through it. */
export interface TrackingListener {
  /** Something wrote this key, or it ended; undefined when everything may have been changed. */
  onChange(key: string | undefined): void;
  /** From now on every change is told; until now some may have been missed. */
  onListening(): void;
  /** Changes may be missed from now on. */
  onLost(): void;
  /** What was changed before a later moment has been told: see `provenAtMs`. */
  onProven(): void;
}

export interface TrackingSettings {
  /** What the keys begin with that are told of. */
  readonly prefix: string;
  /** How often the server is asked, in ms. */
  readonly intervalMs: number;
  /** A server that has not answered for so long is given up, in ms. */
  readonly silenceMs: number;
  readonly clock: Clock;
}

const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 500;

/** One client of the library, and whether it has a socket that can be closed. */
interface Line {
  readonly client: RedisClientType;
  hasSocket: boolean;
}

/**
 * One connection to one master, over which it tells of every write to keys with a prefix; made again for ever when lost.
 *
 * A server puts what it has to tell into the connection before it acknowledges the write that it tells of, so the answer to a
 * question that was asked at s stands behind everything that was acknowledged before s. The question is HELLO and not PING,
 * because its answer also says whether the server is still a master: one that was demoted hears of writes late.
 */
export class TrackingConnection {
  private line: Line | undefined;
  private isListening = false;
  private provenMs = -Infinity;
  private unansweredTicks = 0;
  private retries = 0;
  private isClosed = false;
  private retry: NodeJS.Timeout | undefined;
  private readonly ticks: NodeJS.Timeout;

  constructor(
    private readonly endpoint: RedisEndpoint,
    private readonly settings: TrackingSettings,
    private readonly listener: TrackingListener,
  ) {
    this.ticks = setInterval(() => {
      this.tick();
    }, settings.intervalMs).unref();
    this.connect();
  }

  /** Every change that was acknowledged before this moment has been told; -Infinity while nothing is proven. */
  get provenAtMs(): number {
    return this.provenMs;
  }

  get listens(): boolean {
    return this.isListening;
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.ticks);
    clearTimeout(this.retry);
    if (this.line !== undefined) this.giveUp(this.line);
  }

  private connect(): void {
    const client = createClient(this.optionsOfClient()) as unknown as RedisClientType;
    const line: Line = { client, hasSocket: false };
    this.line = line;
    this.unansweredTicks = 0;
    client.on('invalidate', (key: Buffer | string | null) => {
      if (line === this.line) this.listener.onChange(key === null ? undefined : key.toString());
    });
    // Without a listener a lost connection would end the process.
    client.on('error', () => {
      this.giveUp(line);
    });
    client.on('connect', () => {
      line.hasSocket = true;
      if (line !== this.line) closeSocket(line);
    });
    this.listen(line).catch(() => {
      this.giveUp(line);
    });
  }

  private async listen(line: Line): Promise<void> {
    const { client } = line;
    await client.connect();
    await Promise.all([
      // The library has turned on the other mode, which tells only of keys that were read over this very connection.
      client.sendCommand(['CLIENT', 'TRACKING', 'OFF']),
      client.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', this.settings.prefix]),
    ]);
    if (line !== this.line) return;

    this.isListening = true;
    this.retries = 0;
    this.listener.onListening();
    await this.prove(line);
  }

  private async prove(line: Line): Promise<void> {
    this.unansweredTicks = 1;
    const askedMs = this.settings.clock.nowMs();
    const { role } = (await line.client.sendCommand(['HELLO', '3'])) as unknown as { readonly role?: unknown };
    if (line !== this.line) return;
    if (String(role) !== 'master') throw new Error('is no master');

    this.unansweredTicks = 0;
    this.provenMs = askedMs;
    this.listener.onProven();
  }

  /** Counted in ticks, not in time: a process that stood still for long must find the answers that have come meanwhile. */
  private tick(): void {
    const { line, settings } = this;
    if (line === undefined) return;
    if (this.isListening && this.unansweredTicks === 0) {
      this.prove(line).catch(() => {
        this.giveUp(line);
      });
      return;
    }

    this.unansweredTicks += 1;
    if (this.unansweredTicks * settings.intervalMs > settings.silenceMs) this.giveUp(line);
  }

  private giveUp(line: Line): void {
    if (line !== this.line) return;
    this.line = undefined;
    closeSocket(line);
    this.provenMs = -Infinity;
    const wasListening = this.isListening;
    this.isListening = false;
    if (wasListening) this.listener.onLost();
    if (this.isClosed) return;

    this.retry = setTimeout(() => {
      this.connect();
    }, this.retryDelayMs()).unref();
  }

  /** Jitter, because the processes that lost a server together would return to it together. */
  private retryDelayMs(): number {
    const longestMs = Math.min(FIRST_RETRY_MS * 2 ** this.retries, LONGEST_RETRY_MS);
    this.retries += 1;

    return longestMs * (0.5 + Math.random() / 2);
  }

  /** Those of the link, but told of changes, never replaced behind our back, and given up by nobody but us. */
  private optionsOfClient(): RedisClientOptions {
    const given: RedisClientOptions = this.endpoint.clientOptions;
    const options: Readonly<Record<string, unknown>> = {
      ...given,
      RESP: 3,
      emitInvalidate: true,
      clientSideCache: undefined,
      commandOptions: undefined,
      pingInterval: 0,
      socket: {
        connectTimeout: this.settings.silenceMs,
        ...given.socket,
        socketTimeout: undefined,
        reconnectStrategy: false,
      },
    };

    return options;
  }
}

/** One that has no socket yet would find one in spite of being closed; it is closed when it has connected. */
function closeSocket({ client, hasSocket }: Line): void {
  if (hasSocket && client.isOpen) client.destroy();
}
