import { randomBytes } from 'node:crypto';
import { storeKey } from '../../entry/cache-key.js';
import type { Version, VersionSnapshot } from '../../entry/version-snapshot.js';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import { VersionStore } from '../version-store.js';
import type { Observation, TagList } from '../version-store.js';
import type { KeyvLink } from './keyv-link.js';

/** A Keyv cannot tell one life of its store from the next, so there is only one, and `knownEpoch` is a declaration. */
const EPOCH = 'keyv';
/** A version that is lost is only a miss; one that is kept for ever takes room for every value a tag ever had. */
const RETENTION_MS = 7 * 24 * 3_600_000;
const ATTEMPTS = 3;
const NONE: ReadonlySet<string> = new Set();

/** By tag; undefined where there is none. */
type Versions = ReadonlyMap<string, Version | undefined>;

/**
 * Versions in a Keyv store: set blindly, then read back, because a Keyv can neither compare nor set-if-absent, and may
 * report a success that was none.
 *
 * No text is written twice, so that a write which lands late can outdate entries, and never bring one back.
 */
export class KeyvVersionStore extends VersionStore {
  override readonly epoch = EPOCH;
  private seq = 0;

  constructor(
    private readonly link: KeyvLink,
    private readonly namespace: string,
  ) {
    super();
  }

  override observe({ common, own }: TagList): Promise<Observation> {
    return this.read([...common, ...own]);
  }

  override isCurrent({ tags, versions }: VersionSnapshot, observed?: Observation): boolean | Promise<boolean> {
    const known = versionsIn(observed);
    const expected = tags.map((tag, index) => [tag, versions[index]] as const);
    if (expected.some(([tag, version]) => known.has(tag) && known.get(tag) !== version)) return false;
    const unknown = expected.filter(([tag]) => !known.has(tag));

    return unknown.length === 0 || this.areCurrent(unknown);
  }

  override async readOrMint({ common, own }: TagList, observed?: Observation): Promise<VersionSnapshot> {
    const tags = [...common, ...own];
    let known = versionsIn(observed);
    if (!tags.every((tag) => known.has(tag))) known = versionsIn(await this.read(tags));
    const missing = tags.filter((tag) => known.get(tag) === undefined);
    if (missing.length > 0) known = new Map([...known, ...(await this.mint(missing, new Set(common)))]);

    return { tags, versions: tags.map((tag) => known.get(tag)) as Version[] };
  }

  /**
   * Replaces, reads back, and tries again with a fresh version where that does not prove it.
   *
   * Proof is that the tag has a version, and not the one from before: then somebody replaced it since this call began, and
   * whose replacement it is makes no difference to what was loaded before.
   */
  override async bump(tags: readonly string[]): Promise<void> {
    let left = [...new Set(tags)];
    for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt += 1) {
      const before = versionsIn(await this.read(left));
      const sent = await this.replace(left);
      const after = versionsIn(await this.read(left));
      left = left.filter((tag) => !isReplaced(before.get(tag), sent.get(tag), after.get(tag)));
    }
    if (left.length > 0) throw new StoreUnavailableError('eviction', 'did not keep the new version of a tag');
  }

  private async areCurrent(expected: readonly (readonly [string, Version | undefined])[]): Promise<boolean> {
    const found = versionsIn(await this.read(expected.map(([tag]) => tag)));

    return expected.every(([tag, version]) => found.get(tag) === version);
  }

  /** What the store says after the minting is what counts: another process may have minted at the same time. */
  private async mint(tags: readonly string[], lasting: ReadonlySet<string>): Promise<Versions> {
    await this.replace(tags, lasting);
    const minted = versionsIn(await this.read(tags));
    if ([...minted.values()].includes(undefined))
      throw new StoreUnavailableError('mint of a version', 'did not keep it');

    return minted;
  }

  private async replace(tags: readonly string[], lasting: ReadonlySet<string> = NONE): Promise<Versions> {
    const fresh = new Map(tags.map((tag) => [tag, this.draw()]));
    await Promise.all(
      [...fresh].map(([tag, version]) =>
        this.link.setShared(this.keyOf(tag), version, lasting.has(tag) ? undefined : RETENTION_MS),
      ),
    );

    return fresh;
  }

  private async read(tags: readonly string[]): Promise<Observation> {
    if (tags.length === 0) return { tags, versions: [] };
    const texts = await this.link.getShared(tags.map((tag) => this.keyOf(tag)));

    return { tags, versions: texts.map((text) => (text?.startsWith(`${EPOCH}.`) === true ? text : undefined)) };
  }

  private draw(): Version {
    this.seq += 1;

    return `${EPOCH}.${this.seq.toString(36)}.${randomBytes(9).toString('base64url')}`;
  }

  private keyOf(tag: string): string {
    return `${this.namespace}:v:${storeKey(tag)}`;
  }
}

function versionsIn(observed: Observation | undefined): Versions {
  return new Map(observed?.tags.map((tag, index) => [tag, observed.versions[index]]));
}

function isReplaced(before: Version | undefined, sent: Version | undefined, after: Version | undefined): boolean {
  if (after === undefined) return false;

  return after === sent || (before !== undefined && after !== before);
}
