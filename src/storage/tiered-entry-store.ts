import { WatchedSnapshot } from '../coordination/invalidation-feed.js';
import type { InvalidationFeed } from '../coordination/invalidation-feed.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import type { ConsistencyLevel } from '../policy/consistency-level.js';
import type { Clock } from '../time/clock.js';
import { EntryStore, fullKeyOf } from './entry-store.js';
import type { EntryAddress, Lookup } from './entry-store.js';

/** Levels whose promise allows that an eviction is heard of a moment after it was acknowledged. */
const HEARSAY: ReadonlySet<ConsistencyLevel> = new Set(['bounded', 'eventual', 'immutable']);

/** A copy whose tags are listened to. */
interface Copy {
  readonly lookup: Lookup;
  readonly entry: CacheEntry;
}

/**
 * Copies in this process's memory in front of the store that processes share.
 *
 * Invariants: a copy answers alone only while silence of the feed proves that nothing evicted it, and only where the level
 * may learn of evictions by hearsay; one that is known to be evicted never answers; and it keeps the entry's own instants, so
 * that nothing gets younger on its way here. Without a proof the shared store is asked, and such a copy stands in only when
 * that store is unavailable. Under the other levels a copy is `copied`: whoever found it asks for the versions of its tags, which
 * vouch for a copy as well as for the original (docs/decisions/0005-copies-and-their-proof.md).
 */
export class TieredEntryStore extends EntryStore {
  /**
   * @param copies in memory, by reference
   * @param shared what all processes see
   * @param clock the one that entries are stamped by
   */
  constructor(
    private readonly copies: EntryStore,
    private readonly shared: EntryStore,
    private readonly feed: InvalidationFeed,
    private readonly clock: Clock,
  ) {
    super();
  }

  override find(address: EntryAddress): Lookup | Promise<Lookup> {
    if (!HEARSAY.has(address.policy.consistency)) return this.unprovenCopyOf(address) ?? this.shared.find(address);
    const copy = this.copyOf(address);
    if (copy === undefined) return this.shared.find(address);
    // Another process may have loaded it anew, so a copy that is no longer fresh must not be what sends us to the origin.
    if (copy.entry.freshUntilMs > this.clock.nowMs() && this.feed.isProven()) return copy.lookup;

    return this.askShared(address, copy);
  }

  override put(address: EntryAddress, entry: CacheEntry): void | Promise<void> {
    this.keepCopy(address, entry);

    return this.shared.put(address, entry);
  }

  override findShared(address: EntryAddress): Lookup | Promise<Lookup> {
    this.copies.forget?.(address);

    return this.shared.find(address);
  }

  override keepCopy(address: EntryAddress, entry: CacheEntry): void {
    if (entry.snapshot instanceof WatchedSnapshot) return;
    if (entry.key !== fullKeyOf(address) || entry.subject !== address.subject.id) return;
    if (!HEARSAY.has(address.policy.consistency)) {
      void this.copies.put(address, entry);
      return;
    }
    const snapshot = this.feed.watch(entry.snapshot);
    if (snapshot === undefined) return;

    void this.copies.put(address, listenedTo(entry, snapshot));
  }

  private unprovenCopyOf(address: EntryAddress): Lookup | undefined {
    const lookup = this.copies.find(address);
    if (lookup instanceof Promise || lookup.state !== 'found') return undefined;

    return lookup.entry.freshUntilMs > this.clock.nowMs() ? { state: 'copied', entry: lookup.entry } : undefined;
  }

  /** The copy under this address, unless it is known to be outdated. */
  private copyOf(address: EntryAddress): Copy | undefined {
    const lookup = this.copies.find(address);
    if (lookup instanceof Promise || lookup.state !== 'found') return undefined;
    const { entry } = lookup;

    return entry.snapshot instanceof WatchedSnapshot && entry.snapshot.isCurrent ? { lookup, entry } : undefined;
  }

  private async askShared(address: EntryAddress, copy: Copy): Promise<Lookup> {
    const lookup = await this.shared.find(address);
    if (lookup.state !== 'unavailable') return lookup;
    const { snapshot } = copy.entry;

    // Its age is judged like that of any entry; whether something evicted it may have been heard in the meantime.
    return snapshot instanceof WatchedSnapshot && snapshot.isCurrent ? copy.lookup : lookup;
  }
}

/** The same entry. Field by field, because an entry need not be a plain object. */
function listenedTo(entry: CacheEntry, snapshot: WatchedSnapshot): CacheEntry {
  return {
    key: entry.key,
    subject: entry.subject,
    nonce: entry.nonce,
    loadStartMs: entry.loadStartMs,
    loadEndMs: entry.loadEndMs,
    asOfMs: entry.asOfMs,
    freshUntilMs: entry.freshUntilMs,
    deadlineMs: entry.deadlineMs,
    snapshot,
    sealed: entry.sealed,
  };
}
