import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Cacheable, CacheEvict } from 'nestjs-consistent-cache';
import { InventoryRepository } from './inventory.repository.js';
import type { Stock } from './inventory.types.js';

@Injectable()
export class InventoryService {
  constructor(private readonly inventory: InventoryRepository) {}

  // #region stockOf
  /** Strong: whoever asks after a reservation or a delivery was acknowledged sees it. */
  @Cacheable({
    consistency: 'strong',
    scope: 'shared',
    owner: 'inventory',
    tags: { stock: (sku: string) => sku },
  })
  async stockOf(sku: string): Promise<Stock> {
    const stock = await this.inventory.find(sku);
    if (stock === undefined) throw new NotFoundException(`No stock of ${sku}`);

    return stock;
  }
  // #endregion

  @CacheEvict({ tags: { stock: (sku: string) => sku } })
  async receive(sku: string, quantity: number): Promise<Stock> {
    const stock = await this.inventory.receive(sku, quantity);
    if (stock === undefined) throw new NotFoundException(`No stock of ${sku}`);

    return stock;
  }

  // #region reserve
  @CacheEvict({ tags: { stock: (sku: string) => sku } })
  async reserve(sku: string, quantity: number): Promise<Stock> {
    const stock = await this.inventory.reserve(sku, quantity);
    if (stock === undefined) throw new ConflictException(`There are not ${quantity} of ${sku}`);

    return stock;
  }
  // #endregion
}
