/** This library over a Redis that instances share, as an application declares it; every store option at its default. */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cacheable, CacheEvict, ConsistentCacheModule, StaleTolerance } from '../../dist/index.js';
import { redisStore } from '../../dist/coordination/redis/index.js';
import { decorate } from './decorate.mjs';

const families = (...names) => Object.fromEntries(names.map((name) => [name, (sku) => sku]));
const shared = { owner: 'pricing', scope: 'shared' };
const strong = { ...shared, consistency: 'strong' };
const oneHour = { max: '1h', because: 'longer than a run of this benchmark' };

/** The method that loads and the one that writes; both belong to the benchmark, which replaces them. */
export class StockService {
  origin = async () => undefined;
  commit = async () => undefined;

  untagged(sku) {
    return this.origin(sku);
  }

  oneTag(sku) {
    return this.origin(sku);
  }

  twoTags(sku) {
    return this.origin(sku);
  }

  fourTags(sku) {
    return this.origin(sku);
  }

  bounded(sku) {
    return this.origin(sku);
  }

  linearizable(sku) {
    return this.origin(sku);
  }

  changeStrong(sku) {
    return this.commit(sku);
  }

  changeBounded(sku) {
    return this.commit(sku);
  }

  changeLinearizable(sku) {
    return this.commit(sku);
  }
}

const evictedElsewhere = 'only read by the benchmark';
decorate(StockService, 'untagged', Cacheable({ ...strong, evictedElsewhere }));
decorate(StockService, 'oneTag', Cacheable({ ...strong, tags: families('product') }));
decorate(StockService, 'twoTags', Cacheable({ ...strong, evictedElsewhere, tags: families('brand', 'shelf') }));
decorate(
  StockService,
  'fourTags',
  Cacheable({ ...strong, evictedElsewhere, tags: families('maker', 'season', 'colour', 'size') }),
);
decorate(
  StockService,
  'bounded',
  Cacheable({ ...shared, consistency: 'bounded', tags: families('price') }),
  StaleTolerance(oneHour),
);
decorate(
  StockService,
  'linearizable',
  Cacheable({ ...shared, consistency: 'linearizable', tags: families('account') }),
);
decorate(StockService, 'changeStrong', CacheEvict({ tags: families('product') }));
decorate(StockService, 'changeBounded', CacheEvict({ tags: families('price') }));
decorate(StockService, 'changeLinearizable', CacheEvict({ tags: families('account') }));
Injectable()(StockService);

/** One instance of the application. */
export async function openStock(url, { origin, commit, copies = true } = {}) {
  class StockModule {}
  const cache = ConsistentCacheModule.forRoot({
    sharedStore: redisStore({ url }),
    subjectSecret: 'only-for-this-benchmark',
    copies,
  });
  Module({ imports: [cache], providers: [StockService] })(StockModule);
  const application = await NestFactory.createApplicationContext(StockModule, { logger: ['error'] });
  const stock = application.get(StockService);
  if (origin !== undefined) stock.origin = origin;
  if (commit !== undefined) stock.commit = commit;

  return { application, stock };
}
