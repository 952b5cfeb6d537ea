import type { Clock } from '../time/clock.js';
import type { RelayEvent } from './relay-event.js';

/** Outdates everything under these tags; settles once that is confirmed. */
export type Evict = (tags: readonly string[]) => Promise<void>;

/** What the module tells an outbox when it opens it. */
export interface OutboxContext {
  /** Whose evictions these are; applications that share a table differ in it. */
  readonly namespace: string;
  /**
   * Which store this process evicts in, as its `OpenStore.id`. Others of the namespace may have another one, and are owed what they
   * wrote down there.
   */
  readonly store: string;
  readonly clock: Clock;
  readonly report: (event: RelayEvent) => void;
}

/**
 * A place in the application's own database where a transaction writes down what it will have outdated, so that it is evicted
 * even if the process ends between the commit and the eviction.
 *
 * `nestjs-consistent-cache/postgres` makes one; another database may bring its own.
 */
export abstract class EvictionOutbox {
  /** Connects to nothing yet. */
  abstract open(context: OutboxContext): OpenOutbox;
}

/**
 * An opened outbox.
 *
 * Invariant: what was recorded by a transaction that committed is evicted until that is confirmed, by one instance or another,
 * at least once in the store of its writer.
 */
export interface OpenOutbox {
  /**
   * Writes the tags down inside a transaction, so that they are there if and only if it commits.
   *
   * @param handle the transaction as its library knows it
   * @returns the name of what was written
   * @throws {OutboxFailedError} and then the transaction must not commit
   */
  record(handle: unknown, tags: readonly string[]): Promise<string>;
  /** These were committed and evicted: nobody needs to do it again. Does not wait, and never fails. */
  settle(records: readonly string[]): void;
  /**
   * Evicts from now on what other writers have left behind.
   *
   * @throws {StoreRefusedError} when the outbox cannot be used
   */
  relay(evict: Evict): Promise<void>;
  close(): Promise<void>;
}
