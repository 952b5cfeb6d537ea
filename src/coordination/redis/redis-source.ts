import { StoreRefusedError } from '../coordination.errors.js';
import type { ConnectionOptions, SocketOptions } from './connection-options.js';
import { optionsOfUrl } from './redis-url.js';

/** Where the connections lead, and how to log in there: one server, or some nodes of a cluster that know the others. */
export type RedisSource =
  | { readonly kind: 'single'; readonly options: ConnectionOptions }
  | { readonly kind: 'cluster'; readonly roots: readonly ConnectionOptions[]; readonly addressOf: AddressMap };

/** From the address that a node has in its cluster to the one at which it can be reached from here. */
export type AddressMap = (address: string) => NodeAddress | undefined;

interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** What we look for in somebody's client, cluster, Keyv or store of one. */
interface Configured {
  readonly store?: Configured;
  readonly client?: Configured;
  readonly options?: ConnectionOptions & { readonly sentinelRootNodes?: unknown };
  readonly _options?: ClusterOptions;
  readonly connect?: unknown;
}

interface ClusterOptions {
  readonly rootNodes: readonly ConnectionOptions[];
  readonly defaults?: ConnectionOptions;
  readonly nodeAddressMap?: Readonly<Record<string, NodeAddress>> | AddressMap;
}

/** A cluster, by the URLs of some of its nodes. */
export function sourceOfUrls(urls: readonly string[]): RedisSource {
  return { kind: 'cluster', roots: urls.map(optionsOfUrl), addressOf: () => undefined };
}

/**
 * The server or cluster that somebody's client leads to; the client itself is left alone.
 *
 * @throws {StoreRefusedError} when it is nothing that can be read
 */
export function sourceOfClient(given: unknown): RedisSource {
  const { options, _options: cluster } = clientIn(given);
  if (cluster?.rootNodes !== undefined) {
    const { rootNodes, defaults, nodeAddressMap: map = {} } = cluster;
    return {
      kind: 'cluster',
      roots: rootNodes.map((root) => {
        const socket = { ...defaults?.socket, ...root.socket } as unknown as SocketOptions;
        return loginOf({ ...defaults, ...root, socket });
      }),
      addressOf: typeof map === 'function' ? map : (address) => map[address],
    };
  }
  if (options === undefined || 'sentinelRootNodes' in options) {
    throw new StoreRefusedError(
      'redisStore',
      'The client is neither a createClient nor a createCluster of @redis/client 5, nor a Keyv over one',
      'Give one of these, or the url',
    );
  }

  return { kind: 'single', options: loginOf(options) };
}

function clientIn(given: unknown): Configured {
  const outer = (given ?? {}) as Configured;
  const inner = outer.store?.client ?? outer.client ?? outer;

  return inner.connect === undefined ? {} : inner;
}

/** Only what says where and who: how a connection behaves is for us to decide. */
function loginOf(options: ConnectionOptions): ConnectionOptions {
  const { url, socket, username, password, credentialsProvider, database, name } = options;
  const parsed = url === undefined ? {} : optionsOfUrl(url);

  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ...(name === undefined ? {} : { name }),
    ...parsed,
    ...(credentialsProvider === undefined ? {} : { credentialsProvider }),
    socket: { ...socket, ...parsed.socket } as SocketOptions,
  };
}
