import { CacheModule } from '@nestjs/cache-manager';
import { Keyv } from 'keyv';
import { Deferred } from '../support/deferred.js';
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

export type Trouble = 'fails' | 'hangs' | 'lies';
export const TROUBLES: readonly Trouble[] = ['fails', 'hangs', 'lies'];

/** A store whose reads and writes a case can make fail, never answer, or say what is not so; it counts the calls. */
export class TroubledStore extends RedisLikeStore {
  asked = 0;
  reads: Trouble | 'work' = 'work';
  writes: Trouble | 'work' = 'work';

  is(state: Trouble | 'work'): void {
    this.reads = state;
    this.writes = state;
  }

  override async get<Value>(key: string): Promise<Value | undefined> {
    this.asked += 1;
    await suffer(this.reads);
    if (this.reads !== 'lies') return super.get<Value>(key);

    // Another caller's reply, where there is one.
    const other = [...this.kept.keys()].find((each) => each !== key);

    return super.get<Value>(other ?? key);
  }

  override async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    this.asked += 1;
    await suffer(this.writes);

    return this.writes === 'lies' || super.set(key, value, ttl);
  }
}

async function suffer(trouble: Trouble | 'work'): Promise<void> {
  if (trouble === 'fails') throw new StoreDownError('connect ECONNREFUSED');
  if (trouble === 'hangs') await new Deferred().promise;
}

/** With a short deadline, because cases wait for it. */
export function troubled(store: TroubledStore): StoreUnderTest {
  return { name: 'a store in trouble', options: () => ({ stores: [store], storeDeadline: '25ms' }) };
}
