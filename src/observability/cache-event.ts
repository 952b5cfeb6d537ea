import type { Taint } from '../context/load-trace.js';
import type { TicketFault } from '../context/ticket-codec.js';
import type { RelayEvent } from '../coordination/relay-event.js';
import type { SharedStoreEvent } from '../coordination/shared-store.js';
import type { LoadReason, RefreshReason } from '../consistency/decision.js';
import type { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** Why a call was not cached although it is declared so. */
export type RefusalReason =
  | 'caller-missing'
  | 'caller-disagrees'
  | 'argument-unkeyable'
  /** The caller changed an argument while the store was being asked, so the result is not what the key says. */
  | 'arguments-changed'
  | 'tag-invalid'
  | 'value-unstorable'
  | Taint;

/** Why a loaded value was not stored, without anything being wrong. */
export type NotStoredReason =
  | 'unless'
  | 'outlived-its-bound'
  | 'versions-unavailable'
  | 'store-failed'
  /** The load ended after the application had closed. */
  | 'application-closed'
  | RefusalReason;

/** What every event about one cache says. None contains a cached value; a key contains the call's arguments. */
interface AboutPolicy {
  readonly policy: string;
}

interface AboutKey extends AboutPolicy {
  /** Canonical, within the cache and its subject. */
  readonly key: string;
  /** Keyed hash of the user or tenant whose entry it is; undefined for `scope: 'shared'`. */
  readonly subject: string | undefined;
}

/** An entry answered a read. */
export interface EntryServed extends AboutKey {
  readonly type: 'entry-served';
  readonly outcome: 'hit' | 'stale';
  readonly ageMs: number;
}

/** No entry could answer a read, and why. */
export interface EntryMissed extends AboutKey {
  readonly type: 'entry-missed';
  readonly because: LoadReason;
}

/** A read shared a load that was already running, here or in another process. */
export interface LoadJoined extends AboutKey {
  readonly type: 'load-joined';
}

/** The origin answered. */
export interface LoadFinished extends AboutKey {
  readonly type: 'load-finished';
  readonly loadMs: number;
  readonly stored: boolean;
  readonly notStoredBecause: NotStoredReason | undefined;
  /** The caches that the load has read itself, by name. */
  readonly madeOf: readonly string[];
}

/**
 * A load came to nothing: the origin failed (`error` is its own), was too slow, or was not called because it had too much to do
 * or kept failing.
 */
export interface LoadFailed extends AboutKey {
  readonly type: 'load-failed';
  readonly because: 'origin' | 'timed-out' | 'overloaded' | 'suspended';
  readonly loadMs: number;
  readonly error: unknown;
}

/** An origin keeps failing, and is left alone for a while. `origin` is its name, or that of the policy whose limits these are. */
export interface OriginSuspended {
  readonly type: 'origin-suspended';
  readonly origin: string;
  readonly cause: unknown;
}

/** An origin answers again. */
export interface OriginResumed {
  readonly type: 'origin-resumed';
  readonly origin: string;
  readonly suspendedMs: number;
}

/** A load took longer than its policy's `slowAfter`. */
export interface LoadSlow extends AboutKey {
  readonly type: 'load-slow';
  readonly loadMs: number;
  readonly slowAfterMs: number;
}

/** An entry answered, and is loaded anew in the background. */
export interface RefreshBegun extends AboutKey {
  readonly type: 'refresh-begun';
  readonly because: RefreshReason | 'kept-warm';
}

/** A load in the background failed; the entry that it was to replace goes on answering within its bound. */
export interface RefreshFailed extends AboutKey {
  readonly type: 'refresh-failed';
  readonly error: unknown;
}

/** A declared cache was left out of a call on purpose. */
export interface ReadBypassed extends AboutPolicy {
  readonly type: 'read-bypassed';
  readonly because: 'condition' | 'no-cache';
}

/** A call was answered by the method itself because caching it would not have been safe. */
export interface ReadRefused extends AboutPolicy {
  readonly type: 'read-refused';
  readonly because: RefusalReason;
  readonly error: ConsistentCacheError | undefined;
}

/** The store gave back an entry of another key or another caller. A security event. */
export interface WrongEntry extends AboutKey {
  readonly type: 'wrong-entry';
  readonly mismatch: 'key' | 'subject';
}

/** A write, or a call of the programmatic interface, outdated everything under these tags. */
export interface TagsEvicted {
  readonly type: 'tags-evicted';
  readonly by: string;
  readonly tags: readonly string[];
}

/** The value to evict could not be computed from the result, so the whole family was evicted. */
export interface EvictionWidened {
  readonly type: 'eviction-widened';
  readonly by: string;
  readonly family: string;
  readonly error: unknown;
}

/** An eviction could not be confirmed; the write's caller gets an error as well. */
export interface EvictionFailed {
  readonly type: 'eviction-failed';
  readonly by: string;
  readonly error: unknown;
}

/** The store failed or did not answer; the read or write went on without it. */
export interface StoreFailed extends AboutPolicy {
  readonly type: 'store-failed';
  readonly operation: 'find' | 'put' | 'versions' | 'intents';
  readonly cause: unknown;
}

/** A linearizable write was not begun, because it could not be announced; nothing was committed. */
export interface WriteRefused {
  readonly type: 'write-refused';
  readonly by: string;
  readonly cause: unknown;
}

/** A linearizable write went on without being announced, as its `degrade` declares: until it is evicted, reads may see the old value. */
export interface WriteDegraded {
  readonly type: 'write-degraded';
  readonly by: string;
  readonly because: string;
  readonly cause: unknown;
}

/** The announcement of a linearizable write ended before the write did: until it is evicted, reads may store the old value. */
export interface IntentLost {
  readonly type: 'intent-lost';
  readonly by: string;
}

/** A session ticket was ignored, and its session began anew. */
export interface TicketRejected {
  readonly type: 'ticket-rejected';
  readonly because: TicketFault;
}

/** Everything that can happen. No member ever contains a cached value. */
export type CacheEvent =
  | EntryServed
  | EntryMissed
  | LoadJoined
  | LoadFinished
  | LoadFailed
  | LoadSlow
  | OriginSuspended
  | OriginResumed
  | RefreshBegun
  | RefreshFailed
  | ReadBypassed
  | ReadRefused
  | WrongEntry
  | TagsEvicted
  | EvictionWidened
  | EvictionFailed
  | StoreFailed
  | WriteRefused
  | WriteDegraded
  | IntentLost
  | TicketRejected
  | SharedStoreEvent
  | RelayEvent;
