import type { Version, VersionSnapshot } from '../../entry/version-snapshot.js';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import { versionKey } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { freshVersion, versionIn } from './redis-version.js';

/** Only another process that writes the same tag in the same instant makes a second attempt necessary. */
const ATTEMPTS = 4;

/** The version of one tag in Redis: read, made where it is missing, replaced. Everything rejects with a StoreUnavailableError. */
export class TagVersions {
  private readonly keys = new WeakMap<readonly string[], readonly string[]>();

  /** @param retentionMs how long the version of a tag is kept after it was written; undefined for ever */
  constructor(
    private readonly link: RedisLink,
    private readonly namespace: string,
    private readonly retentionMs: (tag: string) => number | undefined,
  ) {}

  /** @returns for each tag its version; undefined when it has none in the epoch of the server that answers */
  async read(tags: readonly string[]): Promise<readonly (Version | undefined)[]> {
    return (await this.link.getAll(this.keysOf(tags))).map(versionIn);
  }

  /** Whether each tag has this version, of the epoch of the server that answers. */
  async areCurrent({ tags, versions }: VersionSnapshot): Promise<boolean> {
    const answers = await this.link.getAll(this.keysOf(tags));

    return answers.every((answer, index) => answer.value === versions[index] && versionIn(answer) !== undefined);
  }

  /** The version of a tag that had none: ours, or that of a process which came first. */
  async mint(tag: string): Promise<Version> {
    const { readBack } = await this.write(tag, 'if-absent');
    if (readBack !== undefined) return readBack;

    // What is there is of another epoch, so nothing can be outdated by replacing it.
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      const again = await this.write(tag, 'always');
      if (again.readBack !== undefined) return again.readBack;
    }
    throw changesTooFast();
  }

  /**
   * Replaces the version. Its own is what must be read back: 72 random bits prove that this very command was carried out,
   * by the server process that the version names, whatever was confused on the way.
   *
   * No transaction: the two commands leave in one write, so another's comes between them hardly ever, and then a further
   * attempt costs less than a MULTI around each.
   */
  async replace(tag: string): Promise<Version> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { version, readBack } = await this.write(tag, 'always');
      if (readBack === version) return version;
    }
    throw changesTooFast();
  }

  /** A list is asked for again and again: by the entry that carries it, or by every call of a cache without tags of its own. */
  private keysOf(tags: readonly string[]): readonly string[] {
    let keys = this.keys.get(tags);
    if (keys === undefined) {
      keys = tags.map((tag) => versionKey(this.namespace, tag));
      this.keys.set(tags, keys);
    }

    return keys;
  }

  private async write(tag: string, when: 'if-absent' | 'always'): Promise<Written> {
    const key = versionKey(this.namespace, tag);
    const epoch = this.link.epochOf(key);
    if (epoch === undefined) throw new StoreUnavailableError('versions', 'is not connected');

    const version = freshVersion(epoch);
    const retentionMs = this.retentionMs(tag);
    const command = ['SET', key, version];
    if (retentionMs !== undefined) command.push('PX', String(retentionMs));
    if (when === 'if-absent') command.push('NX');
    // Not `link.get`, which reads for many at once, after all that was written in this tick: of several writers of one tag in
    // this process each but the last would read another's.
    const [, { value, epoch: answering }] = await Promise.all([
      this.link.send(key, command),
      this.link.send(key, ['GET', key]),
    ]);
    const readBack = typeof value === 'string' ? value : undefined;

    return { version, readBack: versionIn({ value: readBack, epoch: answering }) };
  }
}

function changesTooFast(): StoreUnavailableError {
  return new StoreUnavailableError('versions', `gave back another version each of ${ATTEMPTS} times`);
}

interface Written {
  readonly version: Version;
  /** What lay there afterwards; undefined for nothing, or something of another epoch. */
  readonly readBack: Version | undefined;
}
