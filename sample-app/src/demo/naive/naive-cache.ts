import { Inject, Injectable } from '@nestjs/common';
import { CACHE_MANAGER } from '@nestjs/cache-manager';
import type { Cache } from 'cache-manager';

/** cache-manager as most services use it: wrap what is slow, delete the key after a write. */
@Injectable()
export class NaiveCache {
  constructor(@Inject(CACHE_MANAGER) private readonly cache: Cache) {}

  wrap<T>(key: string, load: () => Promise<T>, ttlMs: number): Promise<T> {
    return this.cache.wrap(key, load, ttlMs);
  }

  async forget(...keys: string[]): Promise<void> {
    await this.cache.mdel(keys);
  }
}
