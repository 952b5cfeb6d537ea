import { Injectable, NotFoundException } from '@nestjs/common';
import { Cacheable, CacheDefaults, CacheEvict } from 'nestjs-consistent-cache';
import { CatalogRepository } from './catalog.repository.js';
import type { Category, ProductListing, ProductPage, ProductRevision } from './catalog.types.js';

@Injectable()
@CacheDefaults({ owner: 'catalog', scope: 'shared', consistency: 'eventual', ttl: '1m' })
export class CatalogService {
  constructor(private readonly catalog: CatalogRepository) {}

  // #region categories
  /** Eventual, and evicted by nothing: a new category may take an hour to appear. On every page, so there from the first one on. */
  @Cacheable({ ttl: '1h', warmUp: { calls: () => [[]], readyWithin: '2s' } })
  categories(): Promise<Category[]> {
    return this.catalog.categories();
  }
  // #endregion

  @Cacheable({ tags: { category: (category: string) => category } })
  async listing(category: string, page: number): Promise<ProductListing> {
    return { category, page, products: await this.catalog.listing(category, page) };
  }

  // #region pageOf
  /** Those who ask for what does not exist, again and again, are told so from the cache as well. */
  @Cacheable({
    tags: { product: (sku: string) => sku },
    negative: { ttl: '10s', errors: (error) => error instanceof NotFoundException },
  })
  async pageOf(sku: string): Promise<ProductPage> {
    const product = await this.catalog.findProduct(sku);
    if (product === undefined) throw new NotFoundException(`No product ${sku}`);

    return { category: product.category, ...(await this.revisionOf(sku, product.revision)) };
  }
  // #endregion

  // #region revisionOf
  /** Immutable: the revision is part of the key, and a revision never changes. */
  @Cacheable({ consistency: 'immutable', ttl: '24h' })
  async revisionOf(sku: string, revision: number): Promise<ProductRevision> {
    const found = await this.catalog.findRevision(sku, revision);
    if (found === undefined) throw new NotFoundException(`No revision ${revision} of ${sku}`);

    return found;
  }
  // #endregion

  // #region reword
  @CacheEvict({
    tags: { product: (sku: string) => sku, category: (sku: string) => sku.slice(0, sku.indexOf('-')) },
  })
  async reword(sku: string, wording: { title: string; description: string }): Promise<ProductRevision> {
    const revision = await this.catalog.reword(sku, wording);
    if (revision === undefined) throw new NotFoundException(`No product ${sku}`);

    return revision;
  }
  // #endregion
}
