/** This library in front of an origin that can take little: as declared by default, and with what protects the origin. */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cacheable, ConsistentCacheModule, StaleTolerance } from '../../dist/index.js';
import { redisStore } from '../../dist/coordination/redis/index.js';
import { decorate } from './decorate.mjs';

const LIMIT = { concurrency: 5, queue: 50 };

const EARLY = { early: true, jitter: 0.1 };

/** By the name that stands in the tables. */
export const ours = {
  ours: { level: 'bounded' },
  'ours, early refresh and a limit of 5': { level: 'bounded', refresh: EARLY, load: LIMIT },
  'ours, strong': { level: 'strong' },
  'ours, strong and a limit of 5': { level: 'strong', load: LIMIT },
};

/** One instance of the application. */
export async function openOurs(name, url, load, { ttlMs }) {
  const { level, ...protection } = ours[name];
  class Prices {
    read(sku) {
      return load(sku);
    }
  }
  const policy = { owner: 'pricing', scope: 'shared', consistency: level, tags: { price: (sku) => sku } };
  const tolerance = level === 'bounded' ? [StaleTolerance({ max: ttlMs, because: 'the ttl of the peers' })] : [];
  const evictedElsewhere = 'only read by the benchmark';
  decorate(Prices, 'read', Cacheable({ ...policy, name: 'prices', evictedElsewhere, ...protection }), ...tolerance);
  Injectable()(Prices);
  class PricesModule {}
  const cache = ConsistentCacheModule.forRoot({
    sharedStore: redisStore({ url }),
    subjectSecret: 'only-for-this-benchmark',
  });
  Module({ imports: [cache], providers: [Prices] })(PricesModule);
  const application = await NestFactory.createApplicationContext(PricesModule, { logger: ['error'] });
  const prices = application.get(Prices);

  return { read: (sku) => prices.read(sku) };
}
