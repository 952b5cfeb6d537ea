import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { Access } from '../accounts/access.guard.js';
import { SkuParams } from '../catalog/catalog.types.js';
import { InventoryService } from './inventory.service.js';
import { QuantityBody, type Stock } from './inventory.types.js';

@Controller('products/:sku')
export class InventoryController {
  constructor(private readonly inventory: InventoryService) {}

  @Get('stock')
  stock(@Param() { sku }: SkuParams): Promise<Stock> {
    return this.inventory.stockOf(sku);
  }

  @Post('receipts')
  @Access('inventory:write')
  receive(@Param() { sku }: SkuParams, @Body() { quantity }: QuantityBody): Promise<Stock> {
    return this.inventory.receive(sku, quantity);
  }

  @Post('reservations')
  @Access('inventory:write')
  reserve(@Param() { sku }: SkuParams, @Body() { quantity }: QuantityBody): Promise<Stock> {
    return this.inventory.reserve(sku, quantity);
  }
}
