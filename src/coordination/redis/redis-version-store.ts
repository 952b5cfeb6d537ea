import type { Version, VersionSnapshot } from '../../entry/version-snapshot.js';
import { WatchedSnapshot } from '../invalidation-feed.js';
import type { SharedStoreEvent } from '../shared-store.js';
import { VersionStore } from '../version-store.js';
import type { Observation, TagList } from '../version-store.js';
import type { VersionWatch } from '../watched-cells.js';
import { OwedEvictions } from './owed-evictions.js';
import { versionKey } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { SharedEpoch } from './shared-epoch.js';
import { TagVersions } from './tag-versions.js';

/** A week: what loses its version is a miss, so this is about room for what nobody reads any more, not about being right. */
const RETENTION_MS = 7 * 86_400_000;

export interface RedisVersionStoreOptions {
  /** What is told of every question and answer, so that copies in this process's memory can be outdated from outside. */
  readonly watch?: VersionWatch | undefined;
  /** How long the version of one thing is kept after it was made, in ms; those of families and caches stay. @default 7 days */
  readonly retentionMs?: number | undefined;
}

/**
 * Versions that all processes share, one Redis key for each tag.
 *
 * Invariants, beside those of the port:
 * - each attempt to write a version writes one that was never sent before, so that a late one replaces, and restores nothing;
 * - a version counts only in a reply of the server process that it names;
 * - while an eviction of this process is unconfirmed, this process takes nothing under its tags for current.
 */
export class RedisVersionStore extends VersionStore {
  private readonly sharedEpoch: SharedEpoch;
  private readonly owed: OwedEvictions;
  private readonly versions: TagVersions;
  private readonly watch: VersionWatch | undefined;
  private readonly knownLists = new WeakSet<readonly string[]>();
  /** As many as there are declarations, so that they may stay in Redis without an end. */
  private readonly commonTags = new Set<string>();

  /**
   * @param namespace what every key begins with
   * @param report hears of evictions that are owed, and settled
   */
  constructor(
    link: RedisLink,
    private readonly namespace: string,
    report: (event: SharedStoreEvent) => void,
    { watch, retentionMs = RETENTION_MS }: RedisVersionStoreOptions = {},
  ) {
    super();
    this.watch = watch;
    this.sharedEpoch = new SharedEpoch(link);
    this.versions = new TagVersions(link, namespace, (tag) => (this.commonTags.has(tag) ? undefined : retentionMs));
    this.owed = new OwedEvictions(link, (tags) => this.bump(tags), report);
  }

  override get epoch(): string {
    return this.sharedEpoch.valueAt(versionKey(this.namespace, ''));
  }

  override observe(tags: TagList): Promise<Observation> {
    const observed = this.read(this.listed(tags));
    // Told to whoever waits for it; a caller whose lookup fails first does not.
    observed.catch(() => undefined);

    return observed;
  }

  override isCurrent(snapshot: VersionSnapshot, observed?: Observation): boolean | Promise<boolean> {
    // What is known of it by hearsay is enough, unless something else was seen just now.
    if (snapshot instanceof WatchedSnapshot) return snapshot.isCurrent && !contradicts(observed, snapshot);

    const { tags, versions } = snapshot;
    if (observed === undefined) return !tags.some((tag) => this.owed.has(tag)) && this.versions.areCurrent(snapshot);

    const unobserved: number[] = [];
    for (let index = 0; index < tags.length; index += 1) {
      const tag = tags[index] ?? '';
      if (this.owed.has(tag)) return false;
      // The same list in the same order, except for what an entry inherited from the reads in its load.
      const place = observed.tags[index] === tag ? index : observed.tags.indexOf(tag);
      if (place === -1) unobserved.push(index);
      else if (observed.versions[place] !== versions[index]) return false;
    }
    if (unobserved.length === 0) return true;

    return this.read(unobserved.map((index) => tags[index] ?? '')).then((asked) =>
      unobserved.every((index, place) => asked.versions[place] === versions[index]),
    );
  }

  override readOrMint(tags: TagList, observed?: Observation): VersionSnapshot | Promise<VersionSnapshot> {
    const asked = this.listed(tags);
    const isObserved = observed !== undefined && asked.every((tag, index) => observed.tags[index] === tag);
    if (!isObserved) return this.read(asked).then((read) => this.minted(read));

    return isComplete(observed) && !asked.some((tag) => this.owed.has(tag)) ? observed : this.minted(observed);
  }

  /** @throws {StoreUnavailableError} when one could not be confirmed; it is owed then, and tried again until it is confirmed */
  override async bump(tags: readonly string[]): Promise<void> {
    const { mark } = this.owed;
    const outcomes = await Promise.allSettled(tags.map((tag) => this.versions.replace(tag)));
    const failed = tags.filter((_, index) => outcomes[index]?.status === 'rejected');
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');

    this.owed.settle(failed.length === 0 ? tags : tags.filter((tag) => !failed.includes(tag)), mark);
    if (failed.length > 0) this.owed.add(failed);
    // Before the writer hears of it: the process that wrote must not answer with a copy from before.
    this.watch?.forget(tags);
    if (failure !== undefined) throw failure.reason;
  }

  private async read(tags: readonly string[]): Promise<Observation> {
    const expected = this.watch?.expect(tags);
    const read = await this.versions.read(tags);
    const versions = read.map((version, index) => this.unlessOwed(tags[index], version));
    expected?.learn(versions);

    return { tags, versions };
  }

  private async minted({ tags, versions }: Observation): Promise<VersionSnapshot> {
    const { mark } = this.owed;
    const missing = tags.filter((tag, index) => versions[index] === undefined || this.owed.has(tag));
    const owed = missing.filter((tag) => this.owed.has(tag));
    const expected = this.watch?.expect(missing);
    const made = await Promise.all(
      // What was there before an eviction that is owed is to be replaced, not to be read.
      missing.map((tag) => (owed.includes(tag) ? this.versions.replace(tag) : this.versions.mint(tag))),
    );
    this.owed.settle(owed, mark);
    expected?.learn(made);
    const known = new Map(missing.map((tag, index) => [tag, made[index]]));

    return { tags, versions: tags.map((tag, index) => known.get(tag) ?? versions[index] ?? '') };
  }

  private unlessOwed(tag: string | undefined, version: Version | undefined): Version | undefined {
    return tag !== undefined && this.owed.has(tag) ? undefined : version;
  }

  private listed({ common, own }: TagList): readonly string[] {
    if (!this.knownLists.has(common)) {
      this.knownLists.add(common);
      for (const tag of common) this.commonTags.add(tag);
    }

    return own.length === 0 ? common : [...common, ...own];
  }
}

function isComplete(observed: Observation): observed is VersionSnapshot {
  return !observed.versions.includes(undefined);
}

function contradicts(observed: Observation | undefined, { tags, versions }: VersionSnapshot): boolean {
  if (observed === undefined) return false;

  return tags.some((tag, index) => {
    const place = observed.tags.indexOf(tag);
    return place !== -1 && observed.versions[place] !== versions[index];
  });
}
