// #region all
import { Injectable, NotFoundException } from '@nestjs/common';
import { Cacheable, CacheEvict, StaleTolerance } from 'nestjs-consistent-cache';

@Injectable()
export class PricesService {
  private readonly table = new Map([['mug', 900]]); // stands for your database

  @Cacheable({ consistency: 'bounded', scope: 'shared', owner: 'pricing', tags: { price: (sku: string) => sku } })
  @StaleTolerance({ max: '5s', because: 'a price may lag 5 s; agreed with the pricing team' })
  async priceOf(sku: string): Promise<{ sku: string; cents: number }> {
    const cents = await Promise.resolve(this.table.get(sku));
    if (cents === undefined) throw new NotFoundException();

    return { sku, cents };
  }

  @CacheEvict({ tags: { price: (sku: string) => sku } })
  async changePrice(sku: string, cents: number): Promise<void> {
    await Promise.resolve(this.table.set(sku, cents));
  }
}
// #endregion
