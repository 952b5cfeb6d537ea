import { Module } from '@nestjs/common';
import { ConsistentCacheModule } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { customerOf } from './accounts/access.guard.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { CartModule } from './cart/cart.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { CheckoutModule } from './checkout/checkout.module.js';
import { DatabaseModule } from './database/database.module.js';
import { priceFeed, wantsPriceFeed } from './database/price-feed.js';
import { InventoryModule } from './inventory/inventory.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PricingModule } from './pricing/pricing.module.js';
import { ReportsModule } from './reports/reports.module.js';
import { ShippingModule } from './shipping/shipping.module.js';
import { StorefrontModule } from './storefront/storefront.module.js';

const { DATABASE_URL, REDIS_URL, SHOP_SECRET = 'a demo may say its secret aloud' } = process.env;

@Module({
  imports: [
    // #region forRoot
    ConsistentCacheModule.forRoot({
      ...(REDIS_URL === undefined
        ? // One process and its memory: this is what lets `strong` be promised without a shared store.
          { topology: 'single-process' }
        : // Any number of instances, and every promise holds among them.
          { sharedStore: redisStore({ url: REDIS_URL }), subjectSecret: SHOP_SECRET }),
      identity: {
        fromContext: (context) => {
          const customer = customerOf(context);

          return customer === undefined ? undefined : { user: customer.id };
        },
      },
      origins: {
        // What the contract with the carrier allows; more would only be answered with an error.
        carrier: { concurrency: 4, queue: 8, queueDeadline: '500ms', breaker: { failures: 3, pause: '5s' } },
      },
      ...(wantsPriceFeed() ? { externalWrites: priceFeed(DATABASE_URL) } : {}),
      enabled: process.env.SHOP_CACHING !== 'off',
    }),
    // #endregion
    DatabaseModule,
    AccountsModule,
    CatalogModule,
    PricingModule,
    InventoryModule,
    StorefrontModule,
    CartModule,
    CheckoutModule,
    ShippingModule,
    ReportsModule,
    OperationsModule,
  ],
})
export class AppModule {}
