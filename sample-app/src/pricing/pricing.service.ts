import { Injectable, NotFoundException } from '@nestjs/common';
import { Cacheable, CacheEvict, StaleTolerance } from 'nestjs-consistent-cache';
import { PricingRepository } from './pricing.repository.js';
import type { Price } from './pricing.types.js';

@Injectable()
export class PricingService {
  constructor(private readonly prices: PricingRepository) {}

  // #region priceOf
  /** Bounded: whatever happens to an eviction, nobody reads a price that ceased to hold more than five seconds ago. */
  @Cacheable({
    consistency: 'bounded',
    scope: 'shared',
    owner: 'pricing',
    tags: { price: (sku: string) => sku },
  })
  @StaleTolerance({ max: '5s', onError: '2m', because: 'a price may lag 5 s; agreed with the pricing team' })
  async priceOf(sku: string): Promise<Price> {
    const price = await this.prices.find(sku);
    if (price === undefined) throw new NotFoundException(`No price for ${sku}`);

    return price;
  }
  // #endregion

  @CacheEvict({ tags: { price: (sku: string) => sku } })
  async changePrice(sku: string, cents: number): Promise<Price> {
    const price = await this.prices.change(sku, cents);
    if (price === undefined) throw new NotFoundException(`No price for ${sku}`);

    return price;
  }

  /**
   * Prices from the nightly job, written as such jobs write them: past every cache, evicting nothing.
   *
   * This is what a bound is for. Readers see the new prices within five seconds although nobody told the cache.
   */
  importPrices(changes: readonly Price[]): Promise<void> {
    return this.prices.changeAll(changes);
  }
}
