import type { RedisClientOptions } from '@redis/client';

/** Where a connection leads and who logs in, in the words of the client library. */
export type ConnectionOptions = RedisClientOptions;

export type SocketOptions = NonNullable<RedisClientOptions['socket']>;

export interface ConnectionTimes {
  /** The longest that making a connection may take, in ms. */
  readonly connectTimeoutMs: number;
  /** A connection over which nothing went for so long is given up, in ms; probes keep one that is well from silence. */
  readonly silenceMs: number;
}

const FIRST_RETRY_MS = 25;
const LONGEST_RETRY_MS = 500;
const DEFAULT_PORT = 6379;

/**
 * The given options, as the connections of this adapter need them.
 *
 * Nothing waits for a connection that is not there; none is replaced behind our back, for then a reply could come from
 * another process than the one whose `run_id` was read; and one that is lost is made again, for ever.
 */
export function boundedOptions(options: ConnectionOptions, times: ConnectionTimes): ConnectionOptions {
  return {
    ...options,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: {
      ...options.socket,
      connectTimeout: times.connectTimeoutMs,
      socketTimeout: times.silenceMs,
      reconnectStrategy: retryDelayMs,
    },
  };
}

/** Where the options lead, as messages name it: `localhost:6379`. Never with a user or a password. */
export function nodeName({ socket }: ConnectionOptions): string {
  const address = (socket ?? {}) as { readonly path?: string; readonly host?: string; readonly port?: number };

  return address.path ?? `${address.host ?? 'localhost'}:${address.port ?? DEFAULT_PORT}`;
}

/** The options of the same login at another address. */
export function atAddress(options: ConnectionOptions, host: string, port: number): ConnectionOptions {
  return { ...options, socket: { ...options.socket, host, port } };
}

/** Jitter, because the processes that lost a server together would return to it together. */
function retryDelayMs(retries: number): number {
  const longestMs = Math.min(FIRST_RETRY_MS * 2 ** retries, LONGEST_RETRY_MS);

  return longestMs * (0.5 + Math.random() / 2);
}
