import { Controller, Get, Query } from '@nestjs/common';
import { ShippingService } from './shipping.service.js';
import { ParcelQuery, type Quote } from './shipping.types.js';

@Controller('shipping')
export class ShippingController {
  constructor(private readonly shipping: ShippingService) {}

  @Get('rates')
  rates(@Query() { country, grams }: ParcelQuery): Promise<Quote> {
    return this.shipping.quote(country, grams);
  }
}
