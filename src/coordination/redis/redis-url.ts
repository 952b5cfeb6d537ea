import { StoreRefusedError } from '../coordination.errors.js';
import type { ConnectionOptions } from './connection-options.js';

const FIX = 'Write it as redis://user:password@host:6379/0, or rediss:// for TLS';

/** @throws {StoreRefusedError} unless it is a `redis:` or `rediss:` URL; never repeats it, since it may hold a password */
export function optionsOfUrl(text: unknown): ConnectionOptions {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol)) {
    throw new StoreRefusedError('redisStore', 'The url is not one of Redis', FIX);
  }
  const database = Number(url.pathname.slice(1));
  if (!Number.isInteger(database)) {
    throw new StoreRefusedError('redisStore', 'The url names a database that is no number', FIX);
  }

  return {
    socket: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost',
      port: url.port === '' ? 6379 : Number(url.port),
      // A type of its own for each of the two, though the option is one.
      ...((url.protocol === 'rediss:' ? { tls: true } : {}) as object),
    },
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(database === 0 ? {} : { database }),
  };
}
