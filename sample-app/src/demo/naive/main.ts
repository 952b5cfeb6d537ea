import 'reflect-metadata';
import { CacheModule } from '@nestjs/cache-manager';
import { Global, Logger, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { AccountsService } from '../../accounts/accounts.service.js';
import { AppModule } from '../../app.module.js';
import { CatalogService } from '../../catalog/catalog.service.js';
import { CheckoutService } from '../../checkout/checkout.service.js';
import { InventoryService } from '../../inventory/inventory.service.js';
import { PricingService } from '../../pricing/pricing.service.js';
import { serve } from '../../serve.js';
import { ShippingService } from '../../shipping/shipping.service.js';
import { NaiveCache } from './naive-cache.js';
import { NaivePagesInterceptor } from './naive-pages.interceptor.js';
import {
  NaiveAccountsService,
  NaiveCatalogService,
  NaiveCheckoutService,
  NaiveInventoryService,
  NaivePricingService,
  NaiveShippingService,
} from './naive-services.js';

@Global()
@Module({
  imports: [CacheModule.register({ ttl: 5_000 })],
  providers: [NaiveCache, { provide: APP_INTERCEPTOR, useClass: NaivePagesInterceptor }],
  exports: [NaiveCache],
})
class NaiveCacheModule {}

Logger.overrideLogger(['warn', 'error']);

// The same shop with this library switched off (SHOP_CACHING=off) and a cache put in by hand. Nest's testing module is
// its one instrument for replacing providers from outside, so the shop itself need not know about this.
const shop = await Test.createTestingModule({ imports: [AppModule, NaiveCacheModule] })
  .overrideProvider(PricingService)
  .useClass(NaivePricingService)
  .overrideProvider(InventoryService)
  .useClass(NaiveInventoryService)
  .overrideProvider(AccountsService)
  .useClass(NaiveAccountsService)
  .overrideProvider(CatalogService)
  .useClass(NaiveCatalogService)
  .overrideProvider(ShippingService)
  .useClass(NaiveShippingService)
  .overrideProvider(CheckoutService)
  .useClass(NaiveCheckoutService)
  .compile();

await serve(shop.createNestApplication());
