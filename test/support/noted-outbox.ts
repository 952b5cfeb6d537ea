import type { OpenOutbox } from '../../src/coordination/eviction-outbox.js';

/** An outbox that notes in which order it was asked for what. */
export class NotedOutbox implements OpenOutbox {
  readonly notes: string[] = [];
  isBroken = false;

  record(handle: unknown, tags: readonly string[]): Promise<string> {
    if (this.isBroken) return Promise.reject(new Error('disk full'));
    this.notes.push(`recorded ${tags.join(' ')} by ${String(handle)}`);

    return Promise.resolve(`record ${this.notes.length}`);
  }

  settle(records: readonly string[]): void {
    this.notes.push(`settled ${records.join(', ')}`);
  }

  relay(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
