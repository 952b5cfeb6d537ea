import { CacheModule } from '@nestjs/cache-manager';
import type { ModuleMetadata } from '@nestjs/common';
import type { KeyvStoreAdapter } from 'keyv';
import { Keyv } from 'keyv';
import type { ConsistentCacheOptions } from 'nestjs-consistent-cache';
import type { Level } from './behavioural-case.js';

/** A place for entries that an application may configure. */
export interface StoreUnderTest {
  readonly name: string;
  /** What it can keep; the application refuses the others. @default every level */
  readonly levels?: readonly Level[];
  readonly options: () => ConsistentCacheOptions;
  readonly imports?: () => NonNullable<ModuleMetadata['imports']>;
}

/**
 * Behaves as a Redis behind Keyv does: it takes and gives bytes, forgets nothing on its own, and answers in a later turn
 * of the event loop, so that nothing here can lean on an answer being immediate.
 */
export class RedisLikeStore implements KeyvStoreAdapter {
  opts = {};
  namespace?: string;
  readonly kept = new Map<string, Buffer>();
  /** The time to live that was asked for with each key. */
  readonly ttls = new Map<string, number | undefined>();

  async get<Value>(key: string): Promise<Value | undefined> {
    await nextTurn();

    return this.kept.get(key)?.toString('utf8') as Value | undefined;
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    if (typeof value !== 'string') throw new TypeError('only text crosses a wire');
    await nextTurn();
    this.kept.set(key, Buffer.from(value, 'utf8'));
    this.ttls.set(key, ttl);

    return true;
  }

  async delete(key: string): Promise<boolean> {
    await nextTurn();

    return this.kept.delete(key);
  }

  async clear(): Promise<void> {
    await nextTurn();
    this.kept.clear();
  }

  on(): this {
    return this;
  }
}

export const IN_MEMORY: StoreUnderTest = { name: 'the default memory', options: () => ({}) };

export const KEYV_JSON: StoreUnderTest = {
  name: 'Keyv with its own JSON over a Map',
  options: () => ({ stores: [new Keyv()] }),
};

export const EXISTING_CACHE_MANAGER: StoreUnderTest = {
  name: "the application's own CACHE_MANAGER",
  imports: () => [CacheModule.register({ isGlobal: true })],
  options: () => ({ cacheManager: 'existing' }),
};

export const REDIS_LIKE: StoreUnderTest = {
  name: 'Keyv over a store that takes and gives bytes',
  options: () => ({ stores: [new RedisLikeStore()] }),
};

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
