import { cacheOf, type CacheName } from '../caches.js';
import type { Recorder } from '../history/recorder.js';

/** Two points of a write: announced but not begun in the database, and committed but not evicted. */
export type GatePoint = 'before-statement' | 'after-commit';

export interface Hold {
  readonly cache: CacheName;
  readonly point: GatePoint;
}

/**
 * Where every write comes by on its way: notes when the database has answered, and lets one write wait at one of two points, so
 * that something can happen exactly there.
 */
export class WriteGate {
  recorder: Recorder | undefined;
  private armed: (Hold & { readonly stopped: (register: string) => void }) | undefined;
  private waiting: (() => void)[] = [];

  /** The next write of this cache waits until `release`. @returns its register, once it waits */
  hold(hold: Hold): Promise<string> {
    return new Promise((stopped) => (this.armed = { ...hold, stopped }));
  }

  release(): void {
    for (const goOn of this.waiting) goOn();
    this.waiting = [];
  }

  beforeStatement(register: string): Promise<void> | undefined {
    return this.pass(register, 'before-statement');
  }

  afterCommit(register: string, id: string): Promise<void> | undefined {
    this.recorder?.committed(id);

    return this.pass(register, 'after-commit');
  }

  private pass(register: string, point: GatePoint): Promise<void> | undefined {
    if (this.armed?.point !== point || this.armed.cache !== cacheOf(register)) return undefined;

    this.armed.stopped(register);
    this.armed = undefined;
    return new Promise((goOn) => this.waiting.push(goOn));
  }
}
