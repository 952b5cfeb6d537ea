import { Module } from '@nestjs/common';
import { ShippingModule } from '../shipping/shipping.module.js';
import { OperationsController } from './operations.controller.js';

@Module({
  imports: [ShippingModule],
  controllers: [OperationsController],
})
export class OperationsModule {}
