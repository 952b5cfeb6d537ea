import { channel } from 'node:diagnostics_channel';
import type { CacheEvent } from './cache-event.js';

/** Receives every event of one application, synchronously and in order. What it throws is dropped. */
export type CacheEventListener = (event: CacheEvent) => void;

/** The name under which the events of every application in this process stand on node:diagnostics_channel. */
export const DIAGNOSTICS_CHANNEL = 'nestjs-consistent-cache';

/**
 * What happens in the caches, as it happens.
 *
 * A listener runs inside the read that it hears of, so it should only note things down. A listener that throws harms
 * nobody: a cache must not fail because somebody is watching it.
 */
export class CacheEvents {
  private listeners: readonly CacheEventListener[] = [];
  private readonly diagnostics = channel(DIAGNOSTICS_CHANNEL);

  /** @returns a function that ends the subscription */
  subscribe(listener: CacheEventListener): () => void {
    this.listeners = [...this.listeners, listener];

    return () => {
      this.listeners = this.listeners.filter((each) => each !== listener);
    };
  }

  /** @internal */
  publish(event: CacheEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        process.emitWarning(`A listener of cache events threw: ${String(error)}`, 'ConsistentCacheWarning');
      }
    }
    if (this.diagnostics.hasSubscribers) this.diagnostics.publish(event);
  }
}
