import { RunningClock } from '../../time/clock.js';
import { formatMs, toMs, type Duration } from '../../time/duration.js';
import { StoreRefusedError } from '../coordination.errors.js';
import { SharedStore, type OpenStore, type SharedStoreContext } from '../shared-store.js';
import { cacheOver } from './link-cache.js';
import { LinkTextReads } from './link-text-reads.js';
import { openLink, type LinkTimes } from './open-link.js';
import { NoInvalidationFeed } from '../keyv/no-coordination.js';
import type { RedisLink } from './redis-link.js';
import { RedisInvalidationFeed } from './redis-invalidation-feed.js';
import { RedisLoadLeases } from './redis-load-leases.js';
import { sourceOfClient, sourceOfUrls, type RedisSource } from './redis-source.js';
import { optionsOfUrl } from './redis-url.js';
import { storeIdIn } from './redis-store-id.js';
import { RedisVersionStore } from './redis-version-store.js';
import { RedisWriteIntents } from './redis-write-intents.js';
import { ServerClock } from './server-clock.js';

/** Where the Redis is, in one of three ways, and how long things may take. */
export type RedisStoreOptions = RedisStoreAddress & {
  /**
   * How long the start waits for the Redis.
   *
   * @default '5s'
   */
  readonly connectTimeout?: Duration;
  /**
   * How often each server is asked for its time and its role; also how soon one that answers again is noticed.
   *
   * @default '250ms'
   */
  readonly probeInterval?: Duration;
  /**
   * How long a connection may be silent before it is given up and made anew; at least twice `probeInterval`.
   *
   * @default '2s'
   */
  readonly silence?: Duration;
};

export type RedisStoreAddress =
  /** One server: `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  | { readonly url: string; readonly urls?: never; readonly client?: never }
  /** Some nodes of a cluster; they know the others. */
  | { readonly urls: readonly string[]; readonly url?: never; readonly client?: never }
  /**
   * A `createClient` or `createCluster` of @redis/client 5, or a Keyv or @keyv/redis store over one. Its address and login
   * are taken over for connections of our own, which keep our time limits; the client itself is neither used nor closed.
   */
  | { readonly client: object; readonly url?: never; readonly urls?: never };

/**
 * Values, versions and everything else that processes coordinate by, in one Redis (6.0 or later) or a cluster.
 *
 * ```ts
 * ConsistentCacheModule.forRoot({ sharedStore: redisStore({ url: 'redis://localhost:6379' }), subjectSecret })
 * ```
 *
 * @throws {StoreRefusedError} unless there is exactly one address, and it can be read
 * @throws {InvalidDurationError}
 */
export function redisStore(options: RedisStoreOptions): SharedStore {
  const { connectTimeout = '5s', probeInterval = '250ms', silence = '2s' } = options;

  const times: LinkTimes = {
    connectTimeoutMs: positive('connectTimeout', connectTimeout),
    probeIntervalMs: positive('probeInterval', probeInterval),
    silenceMs: positive('silence', silence),
  };
  if (times.silenceMs < 2 * times.probeIntervalMs) {
    throw new StoreRefusedError(
      'redisStore',
      `silence (${formatMs(times.silenceMs)}) leaves no time for two probes, so a connection that is well would be given up`,
      'Give a silence of at least twice the probeInterval',
    );
  }

  return new RedisStore(sourceOf(options), times);
}

class RedisStore extends SharedStore {
  constructor(
    private readonly source: RedisSource,
    private readonly times: LinkTimes,
  ) {
    super();
  }

  override async open(context: SharedStoreContext): Promise<OpenStore> {
    const { namespace, report } = context;
    const clock = new ServerClock(context.clock, new RunningClock());
    const { link, capabilities } = await openLink(this.source, this.times, context, (probe) => {
      clock.learn(probe);
    });
    const feed = this.feedFor(link, context);
    feed?.start();

    return {
      id: await storeIdIn(link, namespace),
      cache: cacheOver(link),
      texts: new LinkTextReads(link, report),
      versions: new RedisVersionStore(link, namespace, report, { watch: feed?.versionWatch }),
      intents: new RedisWriteIntents(link, namespace, context.clock),
      leases: new RedisLoadLeases(link, namespace, context.clock),
      feed: feed ?? new NoInvalidationFeed(),
      clock,
      capabilities,
      close: async () => {
        feed?.close();
        await link.close();
      },
    };
  }

  private feedFor(
    link: RedisLink,
    { clock, namespace, copiedTags }: SharedStoreContext,
  ): RedisInvalidationFeed | undefined {
    if (copiedTags === undefined) return undefined;

    return new RedisInvalidationFeed(link, clock, namespace, { silenceMs: this.times.silenceMs, maxTags: copiedTags });
  }
}

function sourceOf({ url, urls, client }: Partial<RedisStoreOptions>): RedisSource {
  if ([url, urls, client].filter((given) => given !== undefined).length !== 1) {
    throw new StoreRefusedError('redisStore', 'It needs exactly one of url, urls and client', "Give url: 'redis://…'");
  }
  if (client !== undefined) return sourceOfClient(client);
  if (urls === undefined) return { kind: 'single', options: optionsOfUrl(url) };
  if (urls.length === 0) {
    throw new StoreRefusedError('redisStore', 'It has no urls', 'Give those of some nodes of the cluster');
  }

  return sourceOfUrls(urls);
}

function positive(name: string, duration: Duration): number {
  const ms = toMs(duration);
  if (ms <= 0) throw new StoreRefusedError('redisStore', `${name} is 0`, 'Give a positive duration, or leave it out');

  return ms;
}
