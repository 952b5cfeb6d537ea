import type { KeyvStoreAdapter } from 'keyv';
import type { EntryStore } from '../../src/storage/entry-store.js';
import { cacheInStores, entriesIn } from '../../src/storage/stores.js';
import type { Clock } from '../../src/time/clock.js';
import { Deferred } from './deferred.js';

/** A Keyv store over a map of text that can be made to fail, or never to answer, and to recover. */
export class BreakableStore implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  readonly kept = new Map<string, unknown>();
  readonly asked: string[] = [];
  private state: 'well' | 'broken' | 'hanging' = 'well';

  breaks(): void {
    this.state = 'broken';
  }

  hangs(): void {
    this.state = 'hanging';
  }

  recovers(): void {
    this.state = 'well';
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    await this.answering('get');

    return this.kept.get(key) as Value | undefined;
  }

  async set(key: string, value: unknown): Promise<boolean> {
    await this.answering('set');
    this.kept.set(key, value);

    return true;
  }

  async delete(key: string): Promise<boolean> {
    await this.answering('delete');

    return this.kept.delete(key);
  }

  async clear(): Promise<void> {
    await this.answering('clear');
    this.kept.clear();
  }

  on(): this {
    return this;
  }

  private async answering(operation: string): Promise<void> {
    this.asked.push(operation);
    if (this.state === 'broken') throw new Error('the store is down');
    if (this.state === 'hanging') await new Deferred().promise;
  }
}

/** Entries in such a store, for an engine; a deadline far longer than a test unless the test is about it. */
export function overStore(store: KeyvStoreAdapter, deadlineMs = 10_000): (clock: Clock) => EntryStore {
  return (clock) => entriesIn(cacheInStores([store]), 'test', clock, deadlineMs);
}
