import { CacheModule } from '@nestjs/cache-manager';
import { Keyv } from 'keyv';
import type { StoreUnderTest } from './stores.js';
import { RedisLikeStore } from './stores.js';

/** Takes everything and keeps nothing, as a Redis without memory does. */
class ForgetfulStore extends RedisLikeStore {
  override set(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

/** A store that a case can bring down, as a Redis that refuses connections, or fill up, as one without memory. */
export class FailingStore extends RedisLikeStore {
  down = false;
  full = false;

  override async get<Value>(key: string): Promise<Value | undefined> {
    this.refuseWhenDown();

    return super.get<Value>(key);
  }

  override async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    this.refuseWhenDown();
    if (this.full) throw new StoreDownError('OOM command not allowed');

    return super.set(key, value, ttl);
  }

  private refuseWhenDown(): void {
    if (this.down) throw new StoreDownError('connect ECONNREFUSED');
  }
}

/** So that a case can tell it from an error of the origin. */
export class StoreDownError extends Error {}

export const FORGETFUL: StoreUnderTest = {
  name: 'a store that keeps nothing',
  options: () => ({ stores: [new ForgetfulStore()] }),
};

/** The same store under each way of configuring one. */
export function failing(store: FailingStore): readonly StoreUnderTest[] {
  return [
    { name: 'a store that may fail', options: () => ({ stores: [store] }) },
    {
      name: 'a CACHE_MANAGER whose store may fail',
      imports: () => [CacheModule.register({ isGlobal: true, stores: [new Keyv({ store })] })],
      options: () => ({ cacheManager: 'existing' }),
    },
  ];
}
