import type { Cache } from 'cache-manager';
import type { KeyvStoreAdapter } from 'keyv';
import { Keyv } from 'keyv';
import type { Topology } from './coordination/capabilities.js';
import type { EvictionOutbox } from './coordination/eviction-outbox.js';
import type { ExternalWrites } from './coordination/external-writes.js';
import type { SharedStore } from './coordination/shared-store.js';
import { ConsistentCacheError } from './errors/consistent-cache-error.js';
import { DEFAULT_TICKET_COOKIE, DEFAULT_TICKET_HEADER } from './http/ticket-carrier.js';
import type { WatchedIdentity } from './context/watched-identity.js';
import type { IdentityOptions } from './interceptors/cache-context.interceptor.js';
import { isConsistencyLevel } from './policy/consistency-level.js';
import type { ModuleDefaults } from './policy/resolve-policy.js';
import { resolveOriginOptions } from './resilience/origin-options.js';
import type { OriginOptions, ResolvedOrigin } from './resilience/origin-options.js';
import { toMs } from './time/duration.js';
import type { Duration } from './time/duration.js';

/** What `ConsistentCacheModule.forRoot` takes. Every wrong option stops the start. */
export interface ConsistentCacheOptions {
  /**
   * Whether one process alone writes what this application caches. `strong` over versions in memory needs it to.
   *
   * @default 'multi-process'
   */
  readonly topology?: Topology;
  /** Where entries are kept, in cache-manager's order: any Keyv, or a store for one. @default a bounded LRU in memory */
  readonly stores?: readonly (Keyv | KeyvStoreAdapter)[];
  /** `'existing'`: the application's own `CACHE_MANAGER` (its CacheModule must be global); or a cache-manager itself. */
  readonly cacheManager?: 'existing' | Cache;
  /**
   * A store that several instances share, with the coordination that makes every level hold among them; in place of
   * `stores` and `cacheManager`. Needs `subjectSecret`.
   *
   * @example `redisStore({ url: 'redis://localhost:6379' })` from `nestjs-consistent-cache/redis`
   */
  readonly sharedStore?: SharedStore;
  /**
   * Where transactions write down what they outdate, so that it is evicted even if the writer dies before it can. Needs a
   * `sharedStore`: versions in memory die with the writer.
   *
   * @example `postgresOutbox({ pool })` from `nestjs-consistent-cache/postgres`
   * @see docs/guides/durable-evictions.md
   */
  readonly outbox?: EvictionOutbox;
  /**
   * What other programs write, told by its source of truth. Caches of these families cannot be `linearizable`, `strong` or
   * `session`.
   *
   * @example `postgresFeed({ connect, families: { price: { table: 'prices', column: 'sku' } } })`
   * @see docs/guides/external-writes.md
   */
  readonly externalWrites?: ExternalWrites;
  /** What is kept in this process. */
  readonly memory?: {
    /**
     * How many entries the default store keeps, or how many copies of a shared store's entries; the least recently used goes
     * first.
     *
     * @default 10000
     */
    readonly maxEntries?: number;
    /**
     * How many tags keep a version in this process, whatever store keeps the entries, or are listened to for the copies of a
     * shared store; the oldest is forgotten first, and what it marks is a miss, or a copy that is not used. About 160 to 200
     * bytes each.
     *
     * @default 8 times maxEntries
     */
    readonly maxTags?: number;
  };
  /**
   * Whether entries of a shared store are also kept in this process. Copies of `bounded`, `eventual` and `immutable` entries
   * answer for as long as the store's silence proves that nothing was evicted; under the stricter levels the store is asked for
   * the versions at each read, but the value need not cross the network again.
   *
   * @default true
   */
  readonly copies?: boolean;
  /** Who is calling; needed by `scope: 'user'` and `'tenant'` wherever no `userKey` or `tenantKey` is declared. */
  readonly identity?: IdentityOptions;
  /** What every policy assumes that does not say otherwise, and the ttl of each level. */
  readonly defaults?: ModuleDefaults;
  /**
   * What the origins can take that policies name in `load.origin`: so many loads at once, so many waiting, and when an origin is
   * left alone. By name.
   *
   * @see docs/guides/overload.md
   */
  readonly origins?: Readonly<Record<string, OriginOptions>>;
  /** What every key in the stores begins with. @default 'ncc' */
  readonly namespace?: string;
  /**
   * How long a call of the store may take; then the read goes to its origin.
   *
   * Unit: milliseconds, or text such as `'150ms'`.
   * @default '150ms'
   */
  readonly storeDeadline?: Duration;
  /**
   * The key of the hashes that stand for users in keys and entries, and of the signatures of session tickets; the same in
   * every instance.
   *
   * @default drawn at random at each start; required with a sharedStore
   */
  readonly subjectSecret?: string;
  /** How the ticket of a `session` cache's caller travels over HTTP. Nothing is sent where no cache is `session`. */
  readonly session?: {
    /** `'cookie'` for browsers; `'header'`, in both directions, for clients that keep none. @default 'cookie' */
    readonly carrier?: 'cookie' | 'header';
    /** Of the cookie or header. @default 'ncc-session' or 'X-Cache-Session' */
    readonly name?: string;
    /** Whether browsers send the cookie over HTTPS only. @default whether NODE_ENV is 'production' */
    readonly secure?: boolean;
  };
  /** Whether HTTP responses say what they are made of: `Cache-Status`, `Age`, and a stricter `Cache-Control`. @default true */
  readonly headers?: boolean;
  /** `false` for tests: every decorated method runs as if it were not decorated. The audit still runs. @default true */
  readonly enabled?: boolean;
}

/** Options with nothing left to default, every time in milliseconds. */
export interface ResolvedOptions {
  readonly topology: Topology;
  readonly stores: readonly (Keyv | KeyvStoreAdapter)[] | undefined;
  readonly cacheManager: 'existing' | Cache | undefined;
  readonly sharedStore: SharedStore | undefined;
  readonly outbox: EvictionOutbox | undefined;
  readonly externalWrites: ExternalWrites | undefined;
  readonly copies: boolean;
  readonly maxEntries: number;
  readonly maxTags: number;
  readonly identity: IdentityOptions;
  readonly defaults: ModuleDefaults;
  readonly origins: readonly ResolvedOrigin[];
  readonly namespace: string;
  readonly storeDeadlineMs: number;
  readonly subjectSecret: string | undefined;
  readonly session: { readonly carrier: 'cookie' | 'header'; readonly name: string; readonly secure: boolean };
  readonly headers: boolean;
  readonly enabled: boolean;
}

/** The module's options contradict themselves or make no sense; the message lists everything that is wrong. */
export class InvalidOptionsError extends ConsistentCacheError {
  constructor(problems: readonly string[]) {
    super({
      code: 'OPTIONS_INVALID',
      what: problems.join('; '),
      where: 'options of ConsistentCacheModule',
      fix: 'See docs/reference/options.md',
    });
  }
}

/** How many tags keep a version for each entry that the default store may hold. */
const TAGS_PER_ENTRY = 8;

const KNOWN_OPTIONS: Readonly<Record<keyof ConsistentCacheOptions, true>> = {
  topology: true,
  stores: true,
  cacheManager: true,
  sharedStore: true,
  outbox: true,
  externalWrites: true,
  copies: true,
  memory: true,
  identity: true,
  defaults: true,
  origins: true,
  namespace: true,
  storeDeadline: true,
  subjectSecret: true,
  session: true,
  headers: true,
  enabled: true,
};

/**
 * Fills every default.
 *
 * @throws {InvalidOptionsError} naming everything that is wrong at once
 */
export function resolveOptions(options: ConsistentCacheOptions): ResolvedOptions {
  const problems: string[] = [];
  const demand = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const { topology = 'multi-process', stores, cacheManager, sharedStore, identity = {}, defaults = {} } = options;
  const { outbox, externalWrites } = options;
  const { namespace = 'ncc', subjectSecret, headers = true, enabled = true, copies = true } = options;
  const maxEntries = options.memory?.maxEntries ?? 10_000;
  const maxTags = options.memory?.maxTags ?? maxEntries * TAGS_PER_ENTRY;

  const onlyKnows = (within: string, given: object | undefined, known: readonly string[]): void => {
    for (const option of Object.keys(given ?? {})) {
      demand(known.includes(option), `there is no option '${within}${option}' (there are ${known.join(', ')})`);
    }
  };

  onlyKnows('', options, Object.keys(KNOWN_OPTIONS));
  demand(
    ['single-process', 'multi-process'].includes(topology),
    `topology must be 'single-process' or 'multi-process', not '${topology}'`,
  );
  demand(
    stores === undefined || (Array.isArray(stores) && stores.length > 0 && stores.every(isStore)),
    'stores must be a list of at least one Keyv or Keyv store',
  );
  demand(
    cacheManager === undefined || cacheManager === 'existing' || isCacheManager(cacheManager),
    "cacheManager must be 'existing' or a cache-manager",
  );
  demand(
    [stores, cacheManager, sharedStore].filter((each) => each !== undefined).length <= 1,
    'stores, cacheManager and sharedStore exclude each other',
  );
  demand(
    sharedStore === undefined || hasMethods(sharedStore, ['open']),
    "sharedStore must be a SharedStore, such as redisStore({ url }) from 'nestjs-consistent-cache/redis'",
  );
  demand(
    sharedStore === undefined || subjectSecret !== undefined,
    'sharedStore needs subjectSecret, the same in every instance: without it no instance could evict what belongs to a user in another',
  );
  demand(
    outbox === undefined || hasMethods(outbox, ['open']),
    "outbox must be an EvictionOutbox, such as postgresOutbox({ pool }) from 'nestjs-consistent-cache/postgres'",
  );
  demand(
    outbox === undefined || sharedStore !== undefined,
    'outbox needs sharedStore: without one the versions die with the writer, and there is nothing left to evict',
  );
  demand(
    externalWrites === undefined || (hasMethods(externalWrites, ['open']) && Array.isArray(externalWrites.families)),
    "externalWrites must be ExternalWrites, such as postgresFeed({ … }) from 'nestjs-consistent-cache/postgres'",
  );
  demand(typeof copies === 'boolean', 'copies must be true or false');
  demand(
    options.memory?.maxEntries === undefined || (stores ?? cacheManager) === undefined,
    'memory.maxEntries belongs to the default store, and another one is declared',
  );
  demand(Number.isInteger(maxTags) && maxTags > 0, `memory.maxTags must be a whole number above 0, not ${maxTags}`);
  onlyKnows('memory.', options.memory, ['maxEntries', 'maxTags']);
  onlyKnows('identity.', identity, ['fromContext', 'ambient', 'watched', 'strict']);
  demand(
    Array.isArray(identity.watched ?? []) && (identity.watched ?? []).every(isWatchable),
    'identity.watched must be a list of { of, methods }, and each method must be there (the default is getStore)',
  );
  demand(typeof (identity.strict ?? false) === 'boolean', 'identity.strict must be true or false');
  onlyKnows('defaults.', defaults, ['owner', 'scope', 'levels']);
  demand(
    Number.isInteger(maxEntries) && maxEntries > 0,
    `memory.maxEntries must be a whole number above 0, not ${maxEntries}`,
  );
  demand(
    isOptionalFunction(identity.fromContext) && isOptionalFunction(identity.ambient),
    'identity.fromContext and identity.ambient must be functions',
  );
  demand(
    typeof namespace === 'string' && /^[\w.-]{1,50}$/.test(namespace),
    `namespace must be 1 to 50 letters, digits, '.', '-' or '_'`,
  );
  demand(
    subjectSecret === undefined || (typeof subjectSecret === 'string' && subjectSecret.length >= 16),
    'subjectSecret must be text of at least 16 characters',
  );
  const session = sessionOf(options.session ?? {});
  onlyKnows('session.', options.session, ['carrier', 'name', 'secure']);
  demand(['cookie', 'header'].includes(session.carrier), "session.carrier must be 'cookie' or 'header'");
  demand(
    typeof session.name === 'string' && HTTP_TOKEN.test(session.name),
    'session.name must be a name that HTTP allows for a cookie or header',
  );
  demand(typeof session.secure === 'boolean', 'session.secure must be true or false');
  demand(typeof headers === 'boolean', 'headers must be true or false');
  demand(typeof enabled === 'boolean', 'enabled must be true or false');
  for (const [level, given] of Object.entries(defaults.levels ?? {})) {
    demand(isConsistencyLevel(level), `defaults.levels names '${level}', which is no level`);
    onlyKnows(`defaults.levels.${level}.`, given, ['ttl']);
  }
  const origins = Object.entries(options.origins ?? {}).map(([name, given]) => {
    const resolution = resolveOriginOptions(name, given);
    problems.push(...resolution.problems);
    return resolution.resolved;
  });
  const storeDeadlineMs = durationOf(options.storeDeadline ?? '150ms', problems);
  demand(storeDeadlineMs > 0, 'storeDeadline must be longer than 0');
  if (problems.length > 0) throw new InvalidOptionsError(problems);

  return {
    topology,
    stores,
    cacheManager,
    sharedStore,
    outbox,
    externalWrites,
    copies,
    maxEntries,
    maxTags,
    identity,
    defaults,
    origins,
    namespace,
    storeDeadlineMs,
    subjectSecret,
    session,
    headers,
    enabled,
  };
}

/** RFC 9110 §5.6.2. */
const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function sessionOf({
  carrier = 'cookie',
  name = carrier === 'header' ? DEFAULT_TICKET_HEADER : DEFAULT_TICKET_COOKIE,
  secure = process.env.NODE_ENV === 'production',
}: NonNullable<ConsistentCacheOptions['session']>): ResolvedOptions['session'] {
  return { carrier, name, secure };
}

function durationOf(duration: Duration, problems: string[]): number {
  try {
    return toMs(duration);
  } catch (error) {
    problems.push(`storeDeadline: ${(error as ConsistentCacheError).what}`);
    return 1;
  }
}

function isStore(store: unknown): boolean {
  return store instanceof Keyv || hasMethods(store, ['get', 'set', 'delete', 'clear']);
}

function isCacheManager(cache: unknown): boolean {
  return hasMethods(cache, ['get', 'set', 'del']) && 'stores' in (cache as object);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  );
}

function isWatchable(watched: WatchedIdentity): boolean {
  return hasMethods(watched.of, watched.methods ?? ['getStore']);
}

function isOptionalFunction(value: unknown): boolean {
  return value === undefined || typeof value === 'function';
}
