import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';

/** What Keyv hands to a store and expects back. */
interface KeyvRecord {
  readonly value: object;
}

/**
 * The default store: the least recently used entries of one process, by reference.
 *
 * It is an ordinary Keyv store, so cache-manager drives it like any other. In addition it answers {@link peek} without a
 * promise: three layers of promises around a map are most of the price of a hit (measured: docs/reference/benchmarks.md).
 */
export class BoundedMemoryStore {
  private readonly values: LRUCache<string, object>;

  constructor(maxEntries: number) {
    this.values = new LRUCache({ max: maxEntries });
  }

  /** A Keyv over this store that neither serialises values nor prefixes keys. */
  asKeyv(): Keyv {
    const keyv = new Keyv({ store: this, useKeyPrefix: false });
    keyv.serialize = undefined;
    keyv.deserialize = undefined;

    return keyv;
  }

  peek(key: string): object | undefined {
    return this.values.get(key);
  }

  get(key: string): KeyvRecord | undefined {
    const value = this.values.get(key);

    return value === undefined ? undefined : { value };
  }

  /** Keyv's own expiry is not kept: an entry carries its absolute deadline, and whoever reads it decides. */
  set(key: string, { value }: KeyvRecord): boolean {
    this.values.set(key, value);

    return true;
  }

  delete(key: string): boolean {
    return this.values.delete(key);
  }

  clear(): void {
    this.values.clear();
  }
}
