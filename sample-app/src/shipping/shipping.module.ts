import { Module } from '@nestjs/common';
import { CarrierClient } from './carrier.client.js';
import { Carrier } from './carrier.js';
import { ShippingController } from './shipping.controller.js';
import { ShippingService } from './shipping.service.js';

@Module({
  controllers: [ShippingController],
  providers: [ShippingService, CarrierClient, Carrier],
  exports: [Carrier],
})
export class ShippingModule {}
