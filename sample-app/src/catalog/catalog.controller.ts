import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { Access } from '../accounts/access.guard.js';
import { CatalogService } from './catalog.service.js';
import {
  type Category,
  ListingQuery,
  type ProductListing,
  type ProductPage,
  type ProductRevision,
  RevisionParams,
  RewordBody,
  SkuParams,
} from './catalog.types.js';

@Controller()
export class CatalogController {
  constructor(private readonly catalog: CatalogService) {}

  @Get('categories')
  categories(): Promise<Category[]> {
    return this.catalog.categories();
  }

  @Get('products')
  listing(@Query() { category, page }: ListingQuery): Promise<ProductListing> {
    return this.catalog.listing(category, page);
  }

  @Get('products/:sku')
  page(@Param() { sku }: SkuParams): Promise<ProductPage> {
    return this.catalog.pageOf(sku);
  }

  @Get('products/:sku/revisions/:revision')
  revision(@Param() { sku, revision }: RevisionParams): Promise<ProductRevision> {
    return this.catalog.revisionOf(sku, revision);
  }

  @Put('products/:sku')
  @Access('catalog:write')
  reword(@Param() { sku }: SkuParams, @Body() wording: RewordBody): Promise<ProductRevision> {
    return this.catalog.reword(sku, wording);
  }
}
