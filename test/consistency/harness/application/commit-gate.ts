import { cacheOf, type CacheName } from '../caches.js';
import type { Recorder } from '../history/recorder.js';

/**
 * Between the commit of a write and its eviction: writes down when the database has answered, and lets one write wait there
 * so that something can happen at exactly that point.
 */
export class CommitGate {
  recorder: Recorder | undefined;
  private armed: { readonly cache: CacheName; readonly stopped: (register: string) => void } | undefined;
  private opened: Promise<void> = Promise.resolve();
  private open: () => void = () => undefined;

  /** The next write of this cache waits until `release`. @returns its register, once it waits */
  hold(cache: CacheName): Promise<string> {
    this.opened = new Promise((resolve) => (this.open = resolve));

    return new Promise((stopped) => (this.armed = { cache, stopped }));
  }

  release(): void {
    this.armed = undefined;
    this.open();
  }

  /** Every write comes by here when it is committed. */
  async pass(register: string, id: string): Promise<void> {
    this.recorder?.committed(id);
    if (this.armed?.cache !== cacheOf(register)) return;

    this.armed.stopped(register);
    this.armed = undefined;
    await this.opened;
  }
}
