import type { VersionStore } from '../coordination/version-store.js';
import { cacheTag, familyTag, tagValuesOf, valueTag } from '../entry/tag.js';
import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { CacheEvents } from '../observability/event-channel.js';
import type { ResolvedEviction } from '../policy/resolved-policy.js';
import { knownId, MissingCallerError } from '../context/caller.js';
import type { Subjects } from '../context/subjects.js';

/** The write has happened, and what it outdates could not be confirmed as evicted: reads may see the old value. */
export class EvictionFailedError extends ConsistentCacheError {
  constructor(by: string, cause: unknown) {
    super({
      code: 'EVICTION_FAILED',
      what: 'What this outdates could not be evicted, so reads may see the old value until its ttl',
      where: by,
      fix: 'Evict again when the store answers; the method itself may already have succeeded, so do not repeat it blindly',
      cause,
    });
  }
}

/** What writes outdate, in what order, around the method that writes. */
export class Eviction {
  constructor(
    private readonly versions: VersionStore,
    private readonly subjects: Subjects,
    private readonly events: CacheEvents,
  ) {}

  /**
   * Runs a writing method between its evictions.
   *
   * Everything that the arguments determine is computed first: the method may change its arguments, and a tag that cannot
   * be computed must stop the call before it touches the source.
   *
   * @throws {InvalidTagError} before the method runs
   * @throws {MissingCallerError} before the method runs, when `user` names nobody
   * @throws {EvictionFailedError} when an eviction could not be confirmed
   */
  async around(
    evictions: readonly ResolvedEviction[],
    args: readonly unknown[],
    method: () => unknown,
  ): Promise<unknown> {
    const planned = evictions
      .filter(({ condition }) => condition?.(...args) ?? true)
      .map((eviction) => ({ eviction, tags: this.tagsFromArguments(eviction, args) }));

    for (const { eviction, tags } of planned) {
      if (eviction.when === 'before') await this.evict(tags, eviction.place);
    }
    const result = await method();
    // The write has happened, so one eviction that fails does not keep the others from being tried.
    let failure: { readonly error: unknown } | undefined;
    for (const { eviction, tags } of planned) {
      if (eviction.when !== 'after') continue;
      try {
        await this.evict([...tags, ...this.tagsFromResult(eviction, result, args)], eviction.place);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;

    return result;
  }

  /** Outdates everything under these tags. Settles once that is confirmed. */
  async evict(tags: readonly string[], by: string): Promise<void> {
    try {
      await this.versions.bump(tags);
    } catch (error) {
      this.events.publish({ type: 'eviction-failed', by, error });
      throw new EvictionFailedError(by, error);
    }
    this.events.publish({ type: 'tags-evicted', by, tags });
  }

  private tagsFromArguments(eviction: ResolvedEviction, args: readonly unknown[]): readonly string[] {
    const { place, tags, families, caches, user } = eviction;
    const evicted = [...families.map(familyTag), ...caches.map(cacheTag)];
    for (const { family, valuesOf } of tags) {
      for (const value of tagValuesOf(valuesOf(...args), family, place)) evicted.push(valueTag(family, value));
    }
    if (user !== undefined) {
      const who = knownId(user(...args));
      if (who === undefined) throw new MissingCallerError('user', place);
      evicted.push(...this.subjects.ofUser(who).tags);
    }

    return evicted;
  }

  /** Too much rather than too little: the write has happened, so a value that cannot be computed widens to its family. */
  private tagsFromResult(
    { place, tagsOfResult }: ResolvedEviction,
    result: unknown,
    args: readonly unknown[],
  ): readonly string[] {
    return tagsOfResult.flatMap(({ family, valuesOf }) => {
      try {
        return tagValuesOf(valuesOf(result, ...args), family, place).map((value) => valueTag(family, value));
      } catch (error) {
        this.events.publish({ type: 'eviction-widened', by: place, family, error });
        return [familyTag(family)];
      }
    });
  }
}
