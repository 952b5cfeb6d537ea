import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { Access } from '../accounts/access.guard.js';
import { SkuParams } from '../catalog/catalog.types.js';
import { PricingService } from './pricing.service.js';
import { ImportBody, type Price, PriceBody } from './pricing.types.js';

@Controller()
export class PricingController {
  constructor(private readonly pricing: PricingService) {}

  @Get('products/:sku/price')
  price(@Param() { sku }: SkuParams): Promise<Price> {
    return this.pricing.priceOf(sku);
  }

  @Put('products/:sku/price')
  @Access('pricing:write')
  change(@Param() { sku }: SkuParams, @Body() { cents }: PriceBody): Promise<Price> {
    return this.pricing.changePrice(sku, cents);
  }

  @Post('prices/import')
  @Access('pricing:write')
  @HttpCode(204)
  import(@Body() { prices }: ImportBody): Promise<void> {
    return this.pricing.importPrices(prices);
  }
}
