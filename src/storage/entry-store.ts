import type { CacheEntry } from '../entry/cache-entry.js';
import type { Subject } from '../entry/subject.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** What names an entry: its cache, whose it is, and what identifies it among these. */
export interface EntryAddress {
  readonly policy: ResolvedPolicy;
  readonly subject: Subject;
  /** Canonical; computed before the method could change its arguments. */
  readonly key: string;
}

/** The address as one text, the same in every process; the entry repeats it. */
export function fullKeyOf({ policy, subject, key }: EntryAddress): string {
  return subject.id === undefined ? policy.keyPrefix + key : `${policy.keyPrefix}${subject.id}|${key}`;
}

/** A store that holds nothing under a key and a store that cannot say are different answers. */
export type Lookup =
  | { readonly state: 'found'; readonly entry: CacheEntry }
  /** A copy in this process of what a shared store holds; there may be a newer one, see {@link EntryStore.findShared}. */
  | { readonly state: 'copied'; readonly entry: CacheEntry }
  | { readonly state: 'absent' }
  /** The store gave back an entry of another key. */
  | { readonly state: 'foreign' }
  | { readonly state: 'unavailable'; readonly cause: unknown };

export const ABSENT: Lookup = { state: 'absent' };
export const FOREIGN: Lookup = { state: 'foreign' };

/**
 * Keeps entries by address. What a store gives back may be gone, corrupt or another key's: an adapter tells.
 *
 * An adapter that needs no waiting answers without a promise, so that a hit in memory stays one synchronous step.
 */
export abstract class EntryStore {
  /** Never throws: what cannot be read is `absent`, a store that does not answer is `unavailable`. */
  abstract find(address: EntryAddress): Lookup | Promise<Lookup>;

  /**
   * Keeps an entry until its deadline at the longest.
   *
   * @throws {StoreUnavailableError} when the store fails or does not answer in time
   */
  abstract put(address: EntryAddress, entry: CacheEntry): void | Promise<void>;

  /** What the shared store holds, when a copy has turned out to be outdated; the copy is forgotten. */
  findShared?(address: EntryAddress): Lookup | Promise<Lookup>;

  /** Forgets the entry, if there is one. Only what keeps entries in this process must be able to. */
  forget?(address: EntryAddress): void;

  /** Keeps a valid entry that came from a shared store near at hand, where that is safe. */
  keepCopy?(address: EntryAddress, entry: CacheEntry): void;
}
