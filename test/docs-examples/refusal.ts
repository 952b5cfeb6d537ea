import { Injectable, Module } from '@nestjs/common';
import { Cacheable, CacheEvict, ConsistentCacheModule, StaleTolerance } from 'nestjs-consistent-cache';

// #region wrong
@Injectable()
export class ShopService {
  @Cacheable({ consistency: 'strong', scope: 'user', owner: 'orders', tags: { order: (id: string) => id } })
  async orderOf(id: string): Promise<{ id: string }> {
    return Promise.resolve({ id });
  }

  @Cacheable({ consistency: 'bounded', scope: 'shared', owner: 'pricing', ttl: 60 })
  @StaleTolerance({ max: '5s', because: 'a price may lag 5 s; agreed with the pricing team' })
  async priceOf(sku: string): Promise<{ sku: string; cents: number }> {
    return Promise.resolve({ sku, cents: 900 });
  }

  @CacheEvict({ tags: { orders: (id: string) => id } })
  async cancel(id: string): Promise<void> {
    await Promise.resolve(id);
  }
}
// #endregion

@Module({ imports: [ConsistentCacheModule.forRoot()], providers: [ShopService] })
export class WrongModule {}
