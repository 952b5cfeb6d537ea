import type { TagValues } from '../entry/tag.js';
import type { ResolvedCodec } from '../entry/value-codec.js';
import type { CacheablePolicy, CacheScope, CallerKey, OnMissingUser } from './cacheable-policy.js';
import type { ConsistencyLevel } from './consistency-level.js';
import type { Demand } from './demand.js';
import type { ResolvedLoad, ResolvedNegative, ResolvedRefresh, ResolvedWarmUp } from './resolved-load.js';

type Call<Answer> = (...args: readonly unknown[]) => Answer;

/** A family of tags and what computes its values for one call. */
export interface FamilyTags {
  readonly family: string;
  readonly valuesOf: Call<TagValues>;
}

/** Declared families as a list. Their argument types were checked where they were declared. */
export function familyTagsOf(tags: CacheablePolicy['tags']): readonly FamilyTags[] {
  return Object.entries(tags ?? {}).map(([family, valuesOf]) => ({
    family,
    valuesOf: valuesOf as FamilyTags['valuesOf'],
  }));
}

/** A `@Cacheable` policy with nothing left to default, every time in milliseconds. What the engine reads. */
export interface ResolvedPolicy {
  readonly name: string;
  /** Where it was declared, for messages: `@Cacheable on PricingService.priceOf`. */
  readonly place: string;
  /** What every key of this cache begins with. */
  readonly keyPrefix: string;
  readonly consistency: ConsistencyLevel;
  readonly scope: CacheScope;
  readonly owner: string;
  readonly ttlMs: number;
  /** How far back a served value's as-of instant may lie; Infinity where validity does not depend on age. */
  readonly maxStalenessMs: number;
  /** How far back it may lie when the origin fails; 0 when nothing was declared. */
  readonly onErrorMs: number;
  /** Why that much staleness is acceptable. */
  readonly because: string | undefined;
  /** What its loads ask of the cached reads below them. */
  readonly demand: Demand;
  readonly key: Call<unknown> | undefined;
  readonly tags: readonly FamilyTags[];
  /** What outdates every entry of this cache: the cache itself, and each of its families as a whole. */
  readonly commonTags: readonly string[];
  readonly userKey: Call<CallerKey> | undefined;
  readonly tenantKey: Call<CallerKey> | undefined;
  readonly condition: Call<boolean> | undefined;
  readonly unless: ((result: unknown, ...args: readonly unknown[]) => boolean) | undefined;
  readonly values: 'frozen' | 'copied';
  readonly codecs: readonly ResolvedCodec[];
  readonly onMissingUser: OnMissingUser;
  /** Whether other programs write it past the application. */
  readonly writtenExternally: boolean;
  readonly evictedElsewhere: string | undefined;
  readonly requestIndependent: string | undefined;
  readonly returns: 'promise' | 'observable';
  readonly load: ResolvedLoad;
  readonly refresh: ResolvedRefresh;
  readonly negative: ResolvedNegative | undefined;
  readonly warmUp: ResolvedWarmUp | undefined;
}

/** A `@CacheEvict` policy with nothing left to default. */
export interface ResolvedEviction {
  readonly place: string;
  readonly tags: readonly FamilyTags[];
  readonly tagsOfResult: readonly {
    readonly family: string;
    readonly valuesOf: (result: unknown, ...args: readonly unknown[]) => TagValues;
  }[];
  readonly families: readonly string[];
  readonly caches: readonly string[];
  readonly user: Call<CallerKey> | undefined;
  readonly when: 'after' | 'before';
  /** Why a write goes on that could not be announced; undefined when it is refused. */
  readonly degrade: string | undefined;
  readonly condition: Call<boolean> | undefined;
}

/** Every family that an eviction names, in whichever way. */
export function familiesOf(eviction: ResolvedEviction): readonly string[] {
  return [
    ...eviction.tags.map(({ family }) => family),
    ...eviction.tagsOfResult.map(({ family }) => family),
    ...eviction.families,
  ];
}
