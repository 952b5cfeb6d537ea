import { Controller, Get, Param } from '@nestjs/common';
import { SkuParams } from '../catalog/catalog.types.js';
import { StorefrontService } from './storefront.service.js';
import type { Offer } from './storefront.types.js';

@Controller()
export class StorefrontController {
  constructor(private readonly storefront: StorefrontService) {}

  @Get('products/:sku/offer')
  offer(@Param() { sku }: SkuParams): Promise<Offer> {
    return this.storefront.offerOf(sku);
  }
}
