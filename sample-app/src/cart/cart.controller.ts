import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { Access, CurrentCustomer } from '../accounts/access.guard.js';
import type { Customer } from '../accounts/accounts.types.js';
import { SkuParams } from '../catalog/catalog.types.js';
import { QuantityBody } from '../inventory/inventory.types.js';
import { CartService } from './cart.service.js';
import type { Cart } from './cart.types.js';

@Controller('cart')
export class CartController {
  constructor(private readonly carts: CartService) {}

  @Get()
  @Access('signed-in')
  cart(@CurrentCustomer() customer: Customer): Promise<Cart> {
    return this.carts.cartOf(customer.id);
  }

  @Put(':sku')
  @Access('signed-in')
  @HttpCode(204)
  put(
    @CurrentCustomer() customer: Customer,
    @Param() { sku }: SkuParams,
    @Body() { quantity }: QuantityBody,
  ): Promise<void> {
    return this.carts.put(customer.id, sku, quantity);
  }

  @Delete(':sku')
  @Access('signed-in')
  @HttpCode(204)
  remove(@CurrentCustomer() customer: Customer, @Param() { sku }: SkuParams): Promise<void> {
    return this.carts.remove(customer.id, sku);
  }
}
