import type { Cache } from 'cache-manager';
import type { Clock } from '../time/clock.js';
import type { StoreCapabilities } from './capabilities.js';
import type { InvalidationFeed } from './invalidation-feed.js';
import type { LoadLeases } from './load-leases.js';
import type { TextReads } from './text-reads.js';
import type { VersionStore } from './version-store.js';
import type { WriteIntents } from './write-intents.js';

/** What the module tells a shared store when it opens it. */
export interface SharedStoreContext {
  /** What every key begins with. */
  readonly namespace: string;
  /** How long one call may take, in ms. */
  readonly deadlineMs: number;
  /** The clock of this process. */
  readonly clock: Clock;
  /** How many tags the copies in this process may have; undefined where none are kept, and no eviction need be heard of. */
  readonly copiedTags: number | undefined;
  /** What happens to the store itself, for whoever watches. */
  readonly report: (event: SharedStoreEvent) => void;
}

/** What happened to a shared store as a whole. */
export type SharedStoreEvent =
  /** It failed or did not answer in time; until it answers again nobody waits for it. */
  | { readonly type: 'store-suspended'; readonly cause: unknown }
  | { readonly type: 'store-resumed'; readonly suspendedMs: number }
  /** An eviction that could not be confirmed is tried again until it is; its writer has been told. */
  | { readonly type: 'eviction-owed'; readonly tags: readonly string[] }
  | { readonly type: 'eviction-settled'; readonly tags: readonly string[] }
  /** A reply belonged to another key; the connection was dropped. */
  | { readonly type: 'connection-dropped' };

/**
 * A store that several processes share, with the coordination that cache-manager lacks.
 *
 * `nestjs-consistent-cache/redis` makes one; a test or another technology may bring its own.
 */
export abstract class SharedStore {
  /**
   * Connects, and finds out what the store can do.
   *
   * @throws {StoreRefusedError} when it cannot be reached or used, with the reason
   */
  abstract open(context: SharedStoreContext): Promise<OpenStore>;
}

/** The parts of an opened store. All of them fail with a StoreUnavailableError, at once when the store is known not to answer. */
export interface OpenStore {
  /**
   * Which store it is, of several that have a namespace in common: drawn once, and kept in it.
   *
   * A store that has lost it is given another one, and some who share it may still know the former. So whoever goes by it may do
   * something once more for that, and must not leave it undone.
   */
  readonly id: string;
  /** Where values are written. */
  readonly cache: Cache;
  readonly texts: TextReads;
  readonly versions: VersionStore;
  readonly intents: WriteIntents;
  /** Undefined where the store cannot let one process at a time load. */
  readonly leases: LoadLeases | undefined;
  readonly feed: InvalidationFeed;
  /** One clock for all processes that share the store. */
  readonly clock: Clock;
  readonly capabilities: StoreCapabilities;
  /** Closes what `open` opened, and nothing else. */
  close(): Promise<void>;
}
