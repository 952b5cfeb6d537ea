import type { CacheCatalogue } from './catalogue/cache-catalogue.js';
import type { PlanningContext } from './catalogue/method-plan.js';
import type { CallScopes } from './context/call-scope.js';
import type { Subjects } from './context/subjects.js';
import type { Eviction } from './engine/eviction.js';
import { cacheTag, familyTag, tagValuesOf, valueTag } from './entry/tag.js';
import type { TagValues } from './entry/tag.js';
import { ConsistentCacheError } from './errors/consistent-cache-error.js';
import type { CacheableInterceptor } from './interceptors/cacheable.interceptor.js';
import type { CacheablePolicy } from './policy/cacheable-policy.js';
import { InvalidPolicyError } from './policy/policy.errors.js';
import type { Resolution } from './policy/problem-report.js';
import { resolvePolicy } from './policy/resolve-policy.js';
import { resolveTightening } from './policy/resolve-tolerance.js';
import type { StaleTolerancePolicy } from './policy/stale-tolerance.js';

/** An eviction names a family or a cache that nothing declares: a misspelling that would otherwise go unnoticed. */
export class NothingToEvictError extends ConsistentCacheError {
  constructor(kind: 'family' | 'cache', name: string, by: string) {
    super({
      code: 'NOTHING_TO_EVICT',
      what: `There is no ${kind} '${name}'`,
      where: by,
      fix: `Name a ${kind} that CacheCatalogue lists; one of a lazily loaded module exists once that is loaded`,
    });
  }
}

/** A cache without a decorator: the policy needs a name, and carries its tolerance itself. */
export interface DeclaredCachePolicy<Args extends readonly unknown[], Result> extends Omit<
  CacheablePolicy<Args, Result>,
  'warmUp'
> {
  readonly name: string;
  /** As `@StaleTolerance` would declare it. */
  readonly tolerance?: StaleTolerancePolicy;
}

/** Reads through one declared cache. */
export interface DeclaredCache<Args extends readonly unknown[], Result> {
  /** Answers from the cache, or with what `load` answers. The arguments identify the entry as a method's would. */
  read(args: Args, load: (...args: Args) => Promise<Result>): Promise<Result>;
}

/** What decorators cannot say: evictions that no method stands for, and caches around code that is not a method. */
export class ConsistentCache {
  constructor(
    private readonly eviction: Eviction,
    private readonly cacheable: CacheableInterceptor,
    private readonly catalogue: CacheCatalogue,
    private readonly scopes: CallScopes,
    private readonly subjects: Subjects,
    private readonly planning: PlanningContext,
    private readonly enabled: boolean,
  ) {}

  /**
   * Outdates every entry that names one of these values. Settles once that is confirmed.
   *
   * Inside a transaction it is done once more when that has been committed.
   *
   * @example `await cache.evict({ product: ['sku-1', 'sku-2'] })`
   * @throws {InvalidTagError} before anything is evicted
   * @throws {NothingToEvictError} before anything is evicted, when no cache has the family
   * @throws {EvictionFailedError} when it could not be confirmed
   */
  async evict(tags: Readonly<Record<string, TagValues>>): Promise<void> {
    const by = 'ConsistentCache.evict';
    this.mustKnowFamilies(Object.keys(tags), by);
    await this.bump(
      Object.entries(tags).flatMap(([family, values]) =>
        tagValuesOf(values, family, by).map((value) => valueTag(family, value)),
      ),
      by,
    );
  }

  /** Outdates every entry that names any value of these families. @throws {NothingToEvictError} @throws {EvictionFailedError} */
  async evictFamily(...families: readonly string[]): Promise<void> {
    const by = 'ConsistentCache.evictFamily';
    this.mustKnowFamilies(families, by);
    await this.bump(families.map(familyTag), by);
  }

  /** Outdates every entry of these caches, by name. @throws {NothingToEvictError} @throws {EvictionFailedError} */
  async evictCache(...names: readonly string[]): Promise<void> {
    const by = 'ConsistentCache.evictCache';
    const unknown = names.find((name) => !this.catalogue.hasCache(name));
    if (unknown !== undefined) throw new NothingToEvictError('cache', unknown, by);
    await this.bump(names.map(cacheTag), by);
  }

  /** Outdates everything that belongs to a user, in every cache and tenant. @throws {EvictionFailedError} */
  async evictUser(user: string | number): Promise<void> {
    await this.bump(this.subjects.ofUser(user).tags, 'ConsistentCache.evictUser');
  }

  /** Outdates everything that belongs to a tenant and to its users. @throws {EvictionFailedError} */
  async evictTenant(tenant: string | number): Promise<void> {
    await this.bump(this.subjects.ofTenant(tenant).tags, 'ConsistentCache.evictTenant');
  }

  /**
   * Declares a cache without a decorator. Do it in a constructor, so that the start-up audit sees it.
   *
   * @throws {InvalidPolicyError} when the declaration cannot be kept
   */
  declare<Args extends readonly unknown[], Result>(
    declaration: DeclaredCachePolicy<Args, Result>,
  ): DeclaredCache<Args, Result> {
    const { tolerance, ...policy } = declaration;
    const place = `ConsistentCache.declare('${declaration.name}')`;
    const resolved = keptOrThrown(
      resolvePolicy({
        policy: policy as unknown as CacheablePolicy,
        tolerance,
        classDefaults: {},
        defaultName: declaration.name,
        place,
        answersWithObservable: false,
        ...this.planning,
      }),
    );
    this.catalogue.enterUndecorated(resolved);

    return {
      read: (args, load) =>
        this.enabled
          ? (this.cacheable.intercept({
              policy: resolved,
              instance: undefined,
              args,
              method: load as (...args: readonly unknown[]) => unknown,
            }) as Promise<Result>)
          : load(...args),
    };
  }

  /**
   * Runs `work` so that every cached read in it meets this tolerance, as `@StaleTolerance` on a method would.
   *
   * @throws {InvalidPolicyError} when the tolerance has no `max` or no reason
   */
  withTolerance<T>(tolerance: StaleTolerancePolicy, work: () => T): T {
    const maxStalenessMs = keptOrThrown(resolveTightening(tolerance, 'ConsistentCache.withTolerance'));

    return this.scopes.demanding({ maxStalenessMs, guarantee: 'any' }, work);
  }

  private mustKnowFamilies(families: readonly string[], by: string): void {
    const unknown = families.find((family) => !this.catalogue.hasFamily(family));
    if (unknown !== undefined) throw new NothingToEvictError('family', unknown, by);
  }

  private async bump(tags: readonly string[], by: string): Promise<void> {
    if (this.enabled && tags.length > 0) await this.eviction.evictAlso(tags, by);
  }
}

function keptOrThrown<T>(resolution: Resolution<T>): T {
  const [first, ...rest] = resolution.problems;
  if (first !== undefined) throw new InvalidPolicyError([first, ...rest]);

  return resolution.resolved;
}
