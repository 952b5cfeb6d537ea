import type { TagValues } from '../entry/tag.js';
import type { ValueCodec } from '../entry/value-codec.js';
import type { Duration } from '../time/duration.js';
import type { ConsistencyLevel } from './consistency-level.js';
import type { LoadPolicy, NegativePolicy, RefreshPolicy, WarmUpPolicy } from './load-policy.js';

/**
 * Who may share an entry: everybody, the members of one tenant, or one user alone.
 *
 * @see docs/guides/user-scope.md
 */
export type CacheScope = 'shared' | 'tenant' | 'user';

/** What a `userKey` or `tenantKey` function may answer; `undefined` and `null` mean that nobody is known. */
export type CallerKey = string | number | null | undefined;

/** What happens when a user- or tenant-scoped read finds nobody to whom the entry would belong. */
export type OnMissingUser = 'bypass' | 'throw';

/** The part of a policy that {@link CacheDefaults} may set for every cached method of a class. */
export interface CacheableDefaults {
  /**
   * The promise that every read keeps. Required here or on the class.
   *
   * @see docs/reference/levels.md
   */
  readonly consistency?: ConsistencyLevel;
  /** Who may share an entry. Required here, on the class, or in the module's defaults. */
  readonly scope?: CacheScope;
  /** The source of truth and the team behind it. Required here, on the class, or in the module's defaults. */
  readonly owner?: string;
  /**
   * How long an entry counts as fresh, as an absolute deadline that nothing prolongs.
   *
   * Counted from the instant the value is known to have been current (the start of its load), for `strong` and
   * `immutable` from the load: there it only says how long an entry is kept. A bare number under 1000 stops the start,
   * because it is nearly always seconds written where milliseconds are meant.
   *
   * Unit: milliseconds, or text such as `'30s'`.
   * @default `bounded`: the tolerance's `max`; `strong`: 1 h; `immutable`: 24 h; `eventual`: none, it must be declared
   */
  readonly ttl?: Duration;
  /**
   * `'frozen'`: all callers share one deeply frozen value. `'copied'`: each caller gets a fresh copy that it may
   * change, at the price of copying on every hit. Either way a caller's mutation never reaches the cache.
   *
   * @default 'frozen'
   */
  readonly values?: 'frozen' | 'copied';
  /**
   * `'bypass'`: the method runs, nothing is stored, the refusal is counted and logged once. `'throw'`: the call fails
   * with {@link MissingCallerError} before the method runs.
   *
   * @default 'bypass'
   */
  readonly onMissingUser?: OnMissingUser;
}

/** What `@Cacheable` declares: one cache, its promise, and who answers for it. */
export interface CacheablePolicy<
  Args extends readonly unknown[] = readonly never[],
  Result = never,
> extends CacheableDefaults {
  /** The name in the catalogue, in metrics and in keys. Two caches with one name stop the start. @default 'Class.method' */
  readonly name?: string;
  /** Part of every key: change it when the shape or meaning of the value changes between two deployments. @default none */
  readonly version?: string | number;
  /** What identifies an entry. @default every argument, in order and with its type */
  readonly key?: (...args: Args) => unknown;
  /**
   * What the value is made of, as family to value(s): `{ product: (sku) => sku }`. Evicting a value, or its whole
   * family, outdates every entry that names it.
   */
  readonly tags?: Readonly<Record<string, (...args: Args) => TagValues>>;
  /** Whose entry this is, with `scope: 'user'`. When the module knows the caller as well, the two must agree. */
  readonly userKey?: (...args: Args) => CallerKey;
  /** Which tenant's entry this is, with `scope: 'tenant'`. When the module knows the tenant as well, the two must agree. */
  readonly tenantKey?: (...args: Args) => CallerKey;
  /** `false` for a call: the cache is neither read nor written. What it throws reaches the caller. */
  readonly condition?: (...args: Args) => boolean;
  /** `true` for a result: it is returned and not stored. */
  readonly unless?: (result: Result, ...args: Args) => boolean;
  /**
   * Classes whose instances the value may contain: a class, whose own properties are stored and which is revived
   * without calling its constructor, or `{ type, encode, decode }`. Instances of any other class are refused.
   */
  readonly codecs?: readonly ValueCodec[];
  /**
   * `'external'`: other programs write this data as well, past the application. They are acknowledged before anybody here could be
   * told, so `linearizable`, `strong` and `session` are refused, for this cache and for every other one of its families. What a
   * feed of external writes tells of is declared so by that.
   *
   * @default only methods of this application write it
   * @see docs/guides/external-writes.md
   */
  readonly writes?: 'external';
  /** `strong` only: why no `@CacheEvict` names any of its families, such as `'evicted by the import job'`. */
  readonly evictedElsewhere?: string;
  /** Why a shared entry may come from a request-scoped provider, such as `'the request is only logged'`. */
  readonly requestIndependent?: string;
  /** Whether the method answers with a Promise or an Observable. @default what the method's return type says */
  readonly returns?: 'promise' | 'observable';
  /** How the method is called when its result has to be loaded, and what protects it. @see docs/guides/overload.md */
  readonly load?: LoadPolicy;
  /** When an entry is loaded anew although it could still answer. @see docs/guides/stampedes.md */
  readonly refresh?: RefreshPolicy;
  /** Results, and errors, that say that there is nothing, and how long they count. @see docs/guides/staleness.md */
  readonly negative?: NegativePolicy<Result>;
  /** What is loaded before anybody asks for it. @see docs/guides/stampedes.md */
  readonly warmUp?: WarmUpPolicy<Args>;
}

/** A policy of which only the method that it stands on can say whether its functions fit. */
export type AnyCacheablePolicy = Omit<CacheablePolicy, 'warmUp'> & {
  readonly warmUp?: WarmUpPolicy<readonly unknown[]>;
};
