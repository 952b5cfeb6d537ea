// #region all
import { Module } from '@nestjs/common';
import { ConsistentCacheModule } from 'nestjs-consistent-cache';
import { PricesController } from './prices.controller.js';
import { PricesService } from './prices.service.js';

@Module({
  imports: [ConsistentCacheModule.forRoot({ topology: 'single-process' })],
  controllers: [PricesController],
  providers: [PricesService],
})
export class AppModule {}
// #endregion
