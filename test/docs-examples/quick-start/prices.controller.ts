// #region all
import { Controller, Get, Param, ParseIntPipe, Put } from '@nestjs/common';
import { PricesService } from './prices.service.js';

@Controller('prices')
export class PricesController {
  constructor(private readonly prices: PricesService) {}

  @Get(':sku')
  price(@Param('sku') sku: string) {
    return this.prices.priceOf(sku);
  }

  @Put(':sku/:cents')
  change(@Param('sku') sku: string, @Param('cents', ParseIntPipe) cents: number) {
    return this.prices.changePrice(sku, cents);
  }
}
// #endregion
