import { Injectable } from '@nestjs/common';
import { LoadContext } from 'nestjs-consistent-cache';
import { AccountsRepository } from '../../accounts/accounts.repository.js';
import { AccountsService } from '../../accounts/accounts.service.js';
import type { Permission, Wallet } from '../../accounts/accounts.types.js';
import { CartService } from '../../cart/cart.service.js';
import { CatalogRepository } from '../../catalog/catalog.repository.js';
import { CatalogService } from '../../catalog/catalog.service.js';
import type { ProductPage, ProductRevision } from '../../catalog/catalog.types.js';
import { CheckoutRepository } from '../../checkout/checkout.repository.js';
import { CheckoutService } from '../../checkout/checkout.service.js';
import type { Order } from '../../checkout/checkout.types.js';
import { Database } from '../../database/database.js';
import { InventoryRepository } from '../../inventory/inventory.repository.js';
import { InventoryService } from '../../inventory/inventory.service.js';
import type { Stock } from '../../inventory/inventory.types.js';
import { PricingRepository } from '../../pricing/pricing.repository.js';
import { PricingService } from '../../pricing/pricing.service.js';
import type { Price } from '../../pricing/pricing.types.js';
import { CarrierClient } from '../../shipping/carrier.client.js';
import { ShippingService } from '../../shipping/shipping.service.js';
import type { Quote } from '../../shipping/shipping.types.js';
import { NaiveCache } from './naive-cache.js';

// The shop's services with their methods wrapped by hand, and carefully: each key says whose it is, no write forgets
// its key, and a TTL is never longer than what the service itself declares.

@Injectable()
export class NaivePricingService extends PricingService {
  constructor(
    prices: PricingRepository,
    private readonly cache: NaiveCache,
  ) {
    super(prices);
  }

  override priceOf(sku: string): Promise<Price> {
    return this.cache.wrap(`price:${sku}`, () => super.priceOf(sku), 5_000);
  }

  override async changePrice(sku: string, cents: number): Promise<Price> {
    const price = await super.changePrice(sku, cents);
    await this.cache.forget(`price:${sku}`);

    return price;
  }
}

@Injectable()
export class NaiveInventoryService extends InventoryService {
  constructor(
    inventory: InventoryRepository,
    private readonly cache: NaiveCache,
  ) {
    super(inventory);
  }

  override stockOf(sku: string): Promise<Stock> {
    return this.cache.wrap(`stock:${sku}`, () => super.stockOf(sku), 60_000);
  }

  override async receive(sku: string, quantity: number): Promise<Stock> {
    const stock = await super.receive(sku, quantity);
    await this.cache.forget(`stock:${sku}`);

    return stock;
  }

  override async reserve(sku: string, quantity: number): Promise<Stock> {
    const stock = await super.reserve(sku, quantity);
    await this.cache.forget(`stock:${sku}`);

    return stock;
  }
}

@Injectable()
export class NaiveAccountsService extends AccountsService {
  constructor(
    accounts: AccountsRepository,
    private readonly cache: NaiveCache,
  ) {
    super(accounts);
  }

  override permissionsOf(customerId: string): Promise<string[]> {
    return this.cache.wrap(`permissions:${customerId}`, () => super.permissionsOf(customerId), 60_000);
  }

  override async grant(customerId: string, permission: Permission): Promise<void> {
    await super.grant(customerId, permission);
    await this.cache.forget(`permissions:${customerId}`);
  }

  override async revoke(customerId: string, permission: Permission): Promise<void> {
    await super.revoke(customerId, permission);
    await this.cache.forget(`permissions:${customerId}`);
  }

  override walletOf(customerId: string): Promise<Wallet> {
    return this.cache.wrap(`wallet:${customerId}`, () => super.walletOf(customerId), 10_000);
  }

  override async deposit(customerId: string, cents: number): Promise<void> {
    await super.deposit(customerId, cents);
    await this.cache.forget(`wallet:${customerId}`);
  }
}

@Injectable()
export class NaiveCatalogService extends CatalogService {
  constructor(
    catalog: CatalogRepository,
    private readonly cache: NaiveCache,
  ) {
    super(catalog);
  }

  override pageOf(sku: string): Promise<ProductPage> {
    return this.cache.wrap(`page:${sku}`, () => super.pageOf(sku), 60_000);
  }

  override revisionOf(sku: string, revision: number): Promise<ProductRevision> {
    return this.cache.wrap(`revision:${sku}:${revision}`, () => super.revisionOf(sku, revision), 86_400_000);
  }

  override async reword(sku: string, wording: { title: string; description: string }): Promise<ProductRevision> {
    const revision = await super.reword(sku, wording);
    await this.cache.forget(`page:${sku}`);

    return revision;
  }
}

@Injectable()
export class NaiveShippingService extends ShippingService {
  constructor(
    carrier: CarrierClient,
    loads: LoadContext,
    private readonly cache: NaiveCache,
  ) {
    super(carrier, loads);
  }

  override quote(country: string, grams: number): Promise<Quote> {
    return this.cache.wrap(`quote:${country}:${grams}`, () => super.quote(country, grams), 2_000);
  }
}

@Injectable()
export class NaiveCheckoutService extends CheckoutService {
  constructor(
    database: Database,
    carts: CartService,
    pricing: PricingService,
    inventory: InventoryService,
    accounts: AccountsService,
    orders: CheckoutRepository,
    private readonly cache: NaiveCache,
  ) {
    super(database, carts, pricing, inventory, accounts, orders);
  }

  override async placeOrder(customerId: string): Promise<Order> {
    const order = await super.placeOrder(customerId);
    await this.cache.forget(`wallet:${customerId}`, ...order.lines.map(({ sku }) => `stock:${sku}`));

    return order;
  }
}
