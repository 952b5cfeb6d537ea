import { SystemClock } from '../time/clock.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { SHORT_NAME_END } from '../entry/subject.js';
import type { SealedValue } from '../entry/sealed-value.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';

/**
 * Moments are kept as whole milliseconds since this process began: small integers, which take no object of their own.
 * Rounding only ever makes an entry older.
 */
const ORIGIN_MS = Math.floor(new SystemClock().nowMs());

const JSON_SAFE = 1;
const SHAREABLE = 2;

/** An entry in as few bytes as it takes; the same to its readers. */
export class MemoryEntry implements CacheEntry {
  readonly subject: string | undefined;
  readonly nonce: string;
  readonly snapshot: VersionSnapshot;
  private readonly value: unknown;
  private readonly flags: number;
  private readonly loadStart: number;
  private readonly loadEnd: number;
  private readonly asOf: number;
  private readonly freshUntil: number;
  private readonly deadline: number;

  /**
   * @param keyPrefix the cache's part of the key
   * @param location where the store keeps the entry: the short names of cache and subject, and the rest of the key
   */
  constructor(
    private readonly keyPrefix: string,
    private readonly location: string,
    entry: CacheEntry,
  ) {
    this.subject = entry.subject;
    this.nonce = entry.nonce;
    this.snapshot = entry.snapshot;
    this.value = entry.sealed.value;
    this.flags = (entry.sealed.json ? JSON_SAFE : 0) | (entry.sealed.shareable ? SHAREABLE : 0);
    this.loadStart = Math.floor(entry.loadStartMs - ORIGIN_MS);
    this.loadEnd = Math.ceil(entry.loadEndMs - ORIGIN_MS);
    this.asOf = Math.floor(entry.asOfMs - ORIGIN_MS);
    this.freshUntil = Math.floor(entry.freshUntilMs - ORIGIN_MS);
    this.deadline = Math.floor(entry.deadlineMs - ORIGIN_MS);
  }

  get key(): string {
    const afterCache = this.location.indexOf(SHORT_NAME_END) + 1;
    if (this.subject === undefined) return this.keyPrefix + this.location.slice(afterCache);
    const afterSubject = this.location.indexOf(SHORT_NAME_END, afterCache) + 1;

    return `${this.keyPrefix}${this.subject}|${this.location.slice(afterSubject)}`;
  }

  get loadStartMs(): number {
    return ORIGIN_MS + this.loadStart;
  }

  get loadEndMs(): number {
    return ORIGIN_MS + this.loadEnd;
  }

  get asOfMs(): number {
    return ORIGIN_MS + this.asOf;
  }

  get freshUntilMs(): number {
    return ORIGIN_MS + this.freshUntil;
  }

  get deadlineMs(): number {
    return ORIGIN_MS + this.deadline;
  }

  get sealed(): SealedValue {
    return { value: this.value, json: (this.flags & JSON_SAFE) !== 0, shareable: (this.flags & SHAREABLE) !== 0 };
  }
}
