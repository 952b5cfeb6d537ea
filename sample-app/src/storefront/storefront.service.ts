import { Injectable } from '@nestjs/common';
import { Cacheable, StaleTolerance } from 'nestjs-consistent-cache';
import { CatalogService } from '../catalog/catalog.service.js';
import { InventoryService } from '../inventory/inventory.service.js';
import { PricingService } from '../pricing/pricing.service.js';
import type { Offer } from './storefront.types.js';

@Injectable()
export class StorefrontService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly pricing: PricingService,
    private readonly inventory: InventoryService,
  ) {}

  // #region offerOf
  /**
   * Built of three cached reads, each with a promise of its own. It has no tags, and needs none: whatever evicts the wording,
   * the price or the stock evicts the offer, and its five seconds count from the oldest of the three.
   */
  @Cacheable({ consistency: 'bounded', scope: 'shared', owner: 'storefront' })
  @StaleTolerance({ max: '5s', because: 'an offer may lag no longer than its price' })
  async offerOf(sku: string): Promise<Offer> {
    const [page, { cents }, { available }] = await Promise.all([
      this.catalog.pageOf(sku),
      this.pricing.priceOf(sku),
      this.inventory.stockOf(sku),
    ]);

    return { ...page, cents, available };
  }
  // #endregion
}
