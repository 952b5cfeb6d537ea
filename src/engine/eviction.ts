import type { VersionStore } from '../coordination/version-store.js';
import type { Announcement, WriteIntents } from '../coordination/write-intents.js';
import { cacheTag, familyTag, tagValuesOf, valueTag } from '../entry/tag.js';
import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { isOriginFailure } from '../policy/origin-failure.js';
import type { ResolvedEviction } from '../policy/resolved-policy.js';
import type { Clock } from '../time/clock.js';
import { knownId, MissingCallerError } from '../context/caller.js';
import type { CallScopes } from '../context/call-scope.js';
import type { OpenTransaction } from '../context/open-transaction.js';
import type { Subjects } from '../context/subjects.js';
import type { RecordedEvictions } from './recorded-evictions.js';
import { TransactionalWrite } from './transactional-write.js';
import type { WriteEnding } from './transactional-write.js';

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

/** A linearizable write was not begun: reads could have missed it. Nothing was committed. */
export class WriteRefusedError extends ConsistentCacheError {
  constructor(by: string, cause: unknown) {
    super({
      code: 'WRITE_REFUSED',
      what: 'The write could not be announced to the linearizable reads that it concerns, so it was not begun; nothing was committed',
      where: by,
      fix: 'Try again when the store answers, or declare degrade on the @CacheEvict to write without the announcement',
      cause,
    });
  }
}

/** What the declared caches promise that writes must keep, beyond their evictions. */
export interface WriteConcerns {
  /** Whether linearizable reads could miss the write, so that it is announced before it touches the source. */
  needsAnnouncement(eviction: ResolvedEviction): boolean;
  /** Whether any cache promises its caller to see its own writes. */
  hasSessions(): boolean;
}

/** One declared eviction of a call, with the tags that the arguments determine. */
interface PlannedEviction {
  readonly eviction: ResolvedEviction;
  readonly tags: readonly string[];
}

type Outcome = PromiseSettledResult<void>;
const DONE: Outcome = { status: 'fulfilled', value: undefined };

/** What a method answered, and what came of the eviction after it. */
interface AnnouncedWrite {
  readonly result: unknown;
  readonly evicted: Outcome;
}

/** What writes outdate, in what order, around the method that writes. */
export class Eviction {
  constructor(
    private readonly versions: VersionStore,
    private readonly intents: WriteIntents,
    private readonly concerns: WriteConcerns,
    private readonly subjects: Subjects,
    private readonly scopes: CallScopes,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
    private readonly records: RecordedEvictions,
  ) {}

  /**
   * Runs a writing method between its evictions.
   *
   * Everything that the arguments determine is computed first: the method may change its arguments, and a tag that cannot
   * be computed must stop the call before it touches the source.
   *
   * @throws {InvalidTagError} before the method runs
   * @throws {MissingCallerError} before the method runs, when `user` names nobody
   * @throws {WriteRefusedError} before the method runs, when linearizable reads could miss the write
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
    const announced = planned.filter(({ eviction }) => this.concerns.needsAnnouncement(eviction));
    const others = planned.filter((each) => !announced.includes(each));

    const { transaction } = this.scopes.current();
    transaction?.wrote(planned.flatMap(({ tags }) => tags));
    throwFirstFailure(await this.tryAll(others.filter(({ eviction }) => eviction.when === 'before')));
    if (transaction !== undefined) return this.within(transaction, planned, announced, args, method);

    let written: AnnouncedWrite;
    try {
      written = await this.announcing(announced, method);
    } finally {
      // What was evicted before, or is not evicted because the method failed, may have been written all the same.
      this.noteWritten(planned.flatMap(({ tags }) => tags));
    }
    const { result, evicted } = written;
    const afterwards = others.filter(({ eviction }) => eviction.when === 'after');
    // What was announced is outdated by now; only its values from the result are left.
    const left = [...afterwards, ...announced.map(({ eviction }) => ({ eviction, tags: [] }))];
    const outcomes = await this.tryAll(
      left
        .map(({ eviction, tags }) => ({ eviction, tags: [...tags, ...this.tagsFromResult(eviction, result, args)] }))
        .filter(({ tags }) => tags.length > 0),
    );
    throwFirstFailure([evicted, ...outcomes]);

    return result;
  }

  /**
   * Runs a writing method inside a transaction: what it outdates is evicted when the outermost one has been committed.
   *
   * What is evicted before the method is evicted again then, because readers may have stored the old value until the commit.
   */
  private async within(
    transaction: OpenTransaction,
    planned: readonly PlannedEviction[],
    announced: readonly PlannedEviction[],
    args: readonly unknown[],
    method: () => unknown,
  ): Promise<unknown> {
    this.records.cover(transaction);
    const by = (announced[0] ?? planned[0])?.eviction.place ?? '';
    const tags = [...new Set(announced.flatMap((each) => each.tags))];
    const announcement = announced.length === 0 ? undefined : await this.announce(announced, tags, by);
    const write = new TransactionalWrite(by, announcement, this.ending);
    for (const { eviction, tags: own } of planned) write.outdates(own, eviction.place);
    transaction.join(write);
    let result: unknown;
    try {
      result = await method();
    } catch (error) {
      if (transaction.isOver) await write.ended('unknown').catch(() => undefined);
      throw error;
    }
    for (const { eviction } of planned) {
      const late = this.tagsFromResult(eviction, result, args);
      transaction.wrote(late);
      write.outdates(late, eviction.place);
    }
    // Nobody has waited for it: the transaction ended first, and what it outdates was evicted too early or not at all.
    if (transaction.isOver) await write.ended('committed');

    return result;
  }

  /** Outdates everything under these tags. Settles once that is confirmed. */
  async evict(tags: readonly string[], by: string): Promise<void> {
    try {
      await this.versions.bump(tags);
    } catch (error) {
      this.events.publish({ type: 'eviction-failed', by, error });
      throw new EvictionFailedError(by, error);
    } finally {
      this.noteWritten(tags);
    }
    this.events.publish({ type: 'tags-evicted', by, tags });
  }

  /**
   * The same for code that evicts without a method that writes. Inside a transaction it happens again when the outermost one has
   * been committed, because readers may store the old value until then.
   */
  async evictAlso(tags: readonly string[], by: string): Promise<void> {
    const { transaction } = this.scopes.current();
    if (transaction !== undefined) {
      this.records.cover(transaction);
      transaction.wrote(tags);
      const write = new TransactionalWrite(by, undefined, this.ending);
      write.outdates(tags, by);
      transaction.join(write);
    }
    await this.evict(tags, by);
  }

  private readonly ending: WriteEnding = {
    evict: (tags, by) => (tags.length === 0 ? Promise.resolve() : this.evict(tags, by)),
    refuse: (by, cause) => this.refusal(by, cause),
    tellLost: (by) => {
      this.events.publish({ type: 'intent-lost', by });
    },
  };

  private refusal(by: string, cause: unknown): WriteRefusedError {
    this.events.publish({ type: 'write-refused', by, cause });

    return new WriteRefusedError(by, cause);
  }

  /** Whether or not others see a write: its own caller must, from now on. */
  private noteWritten(tags: readonly string[]): void {
    if (this.concerns.hasSessions()) this.scopes.current().session?.current().wrote(tags, this.clock.nowMs());
  }

  /** All at once, so that they travel together; one that fails does not keep the others from being tried. */
  private tryAll(planned: readonly PlannedEviction[]): Promise<readonly Outcome[]> {
    return Promise.allSettled(planned.map(({ eviction, tags }) => this.evict(tags, eviction.place)));
  }

  /**
   * Bump, commit, bump, behind a barrier: linearizable reads store nothing from the announcement until it ends, and what
   * they stored before is outdated before the method can commit. Why that is enough: docs/explanation/linearizable.md.
   */
  private async announcing(planned: readonly PlannedEviction[], method: () => unknown): Promise<AnnouncedWrite> {
    const [first] = planned;
    if (first === undefined) return { result: await method(), evicted: DONE };

    const tags = [...new Set(planned.flatMap((each) => each.tags))];
    const by = first.eviction.place;
    const announcement = await this.announce(planned, tags, by);
    let result: unknown;
    try {
      result = await method();
    } catch (error) {
      // It may have committed before it failed. Its own error is what the caller must hear; the events tell the rest.
      // An answer that never came leaves a statement under way, which may commit yet; a refusal leaves nothing.
      await this.conclude(announcement, tags, by, isOriginFailure(error) ? 'abandon' : 'withdraw');
      throw error;
    }

    return { result, evicted: await this.conclude(announcement, tags, by) };
  }

  /** @returns undefined when the write goes on without, as its `degrade` declares */
  private async announce(
    planned: readonly PlannedEviction[],
    tags: readonly string[],
    by: string,
  ): Promise<Announcement | undefined> {
    // In this order and in one tick: a reader that sees the new version sees the announcement as well.
    const announcing = this.intents.announce(tags);
    const bumping = this.versions.bump(tags);
    try {
      const [announcement] = await Promise.all([announcing, bumping]);
      await announcement.confirm();

      return announcement;
    } catch (cause) {
      announcing.then(
        (announcement) => announcement.withdraw(),
        () => undefined,
      );
      const because = planned.map(({ eviction }) => eviction.degrade);
      if (because.every((reason) => reason !== undefined)) {
        this.events.publish({ type: 'write-degraded', by, because: because.join('; '), cause });
        return undefined;
      }
      throw this.refusal(by, cause);
    }
  }

  /**
   * Bumps again and ends the announcement, which travel together.
   *
   * Linearizable readers are safe without this bump, while the announcement held; others under the same tags do not look for
   * announcements, and may have stored the old value since the first bump.
   */
  private async conclude(
    announcement: Announcement | undefined,
    tags: readonly string[],
    by: string,
    how: 'withdraw' | 'abandon' = 'withdraw',
  ): Promise<Outcome> {
    if (announcement?.lost === true) this.events.publish({ type: 'intent-lost', by });
    // Awaited together: a rejection that nobody listens to until the other has settled would end the process.
    const [evicted] = await Promise.allSettled([this.evict(tags, by), announcement?.[how]()]);

    return evicted;
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

function throwFirstFailure(outcomes: readonly Outcome[]): void {
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
