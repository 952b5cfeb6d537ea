import { StoreRefusedError } from '../coordination.errors.js';
import type { ConnectionOptions } from './connection-options.js';

/** Where the connections lead, and how to log in there: one server, or some nodes of a cluster that know the others. */
export type RedisSource =
  | { readonly kind: 'single'; readonly options: ConnectionOptions }
  | {
      readonly kind: 'cluster';
      readonly roots: readonly ConnectionOptions[];
      /** From the address that a node has in the cluster to the one at which it can be reached from here. */
      readonly translate: (address: string) => { readonly host: string; readonly port: number } | undefined;
    };

/** @throws {StoreRefusedError} unless it is a `redis:` or `rediss:` URL; never repeats it, since it may hold a password */
export function optionsOfUrl(text: string): ConnectionOptions {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol)) {
    throw new StoreRefusedError('redisStore', `The url is not one of Redis`, URL_FIX);
  }
  const database = Number(url.pathname.slice(1));
  if (!Number.isInteger(database)) {
    throw new StoreRefusedError('redisStore', `The url names a database that is no number`, URL_FIX);
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

const URL_FIX = 'Write it as redis://user:password@host:6379/0, or rediss:// for TLS';
