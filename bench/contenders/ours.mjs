/**
 * This library as an application uses it: a Nest application, a service, decorators. Plain JavaScript, so the decorators
 * are applied by hand, and the return type that TypeScript would have recorded is recorded here.
 */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cacheable, CacheEvict, ConsistentCacheModule, StaleTolerance } from '../../dist/index.js';
import { decorate } from './decorate.mjs';

const product = { product: (sku) => sku };
const shared = { owner: 'pricing', scope: 'shared', tags: product };
const oneHour = { max: '1h', because: 'longer than a run of this benchmark' };

export class PriceService {
  /** By method, so that the contenders in one application each have their own origin. */
  origins = {};

  eventually(sku) {
    return this.origins.eventually(sku);
  }

  bounded(sku) {
    return this.origins.bounded(sku);
  }

  strongly(sku) {
    return this.origins.strongly(sku);
  }

  copied(sku) {
    return this.origins.copied(sku);
  }

  ofUser(user, sku) {
    return this.origins.ofUser(sku);
  }

  ofCurrentUser(sku) {
    return this.origins.ofCurrentUser(sku);
  }

  async change() {}

  async undecorated(value) {
    return value;
  }
}

decorate(PriceService, 'eventually', Cacheable({ ...shared, consistency: 'eventual', ttl: '1h' }));
decorate(PriceService, 'bounded', Cacheable({ ...shared, consistency: 'bounded' }), StaleTolerance(oneHour));
decorate(PriceService, 'strongly', Cacheable({ ...shared, consistency: 'strong' }));
decorate(PriceService, 'copied', Cacheable({ ...shared, consistency: 'eventual', ttl: '1h', values: 'copied' }));
decorate(
  PriceService,
  'ofUser',
  Cacheable({
    ...shared,
    consistency: 'bounded',
    scope: 'user',
    userKey: (user) => user,
    tags: { product: (_user, sku) => sku },
  }),
  StaleTolerance(oneHour),
);
decorate(
  PriceService,
  'ofCurrentUser',
  Cacheable({ ...shared, consistency: 'bounded', scope: 'user' }),
  StaleTolerance(oneHour),
);
decorate(PriceService, 'change', CacheEvict({ tags: product }));
Injectable()(PriceService);

export const contenders = [
  contender('ours, eventual', 'eventually', (prices) => (sku) => prices.eventually(sku)),
  contender('ours, bounded', 'bounded', (prices) => (sku) => prices.bounded(sku)),
  contender('ours, strong', 'strongly', (prices) => (sku) => prices.strongly(sku)),
  contender('ours, user-scoped by argument', 'ofUser', (prices) => (sku) => prices.ofUser('user-7', sku)),
  contender('ours, user-scoped by identity', 'ofCurrentUser', (prices) => (sku) => prices.ofCurrentUser(sku)),
  contender('ours, a copy for each caller', 'copied', (prices) => (sku) => prices.copied(sku)),
];

function contender(name, method, readerOf) {
  return {
    name,
    ours: true,
    async setUp(load, { maxEntries }) {
      const application = await openShop({ maxEntries });
      const prices = application.get(PriceService);
      prices.origins[method] = load;

      return readerOf(prices);
    },
  };
}

let shop;

/** One application in a process, as on a server: each has an AsyncLocalStorage, and each of those has its price. */
export function openShop({ maxEntries }) {
  return (shop ??= startShop(maxEntries));
}

function startShop(maxEntries) {
  class ShopModule {}
  const cache = ConsistentCacheModule.forRoot({
    topology: 'single-process',
    memory: { maxEntries },
    identity: { ambient: () => ({ user: 'user-7' }) },
  });
  Module({ imports: [cache], providers: [PriceService] })(ShopModule);

  return NestFactory.createApplicationContext(ShopModule, { logger: ['error'] });
}
