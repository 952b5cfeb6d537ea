/**
 * Each peer in the best in-memory configuration that its own documentation shows, called the way a service method
 * would call it: the key is built for every call. Where one documented option decides whether callers share a mutable
 * object or receive a copy, both settings enter. `setUp` receives the origin and returns a reader.
 */
import 'reflect-metadata';
import { cachified, totalTtl } from '@epic-web/cachified';
import typeCacheable from '@type-cacheable/core';
import { LRUCacheAdapter } from '@type-cacheable/lru-cache-adapter';
import { createCache as createDedupeCache } from 'async-cache-dedupe';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { createCache } from 'cache-manager';
import { Cacheable, createKeyv } from 'cacheable';
import { LRUCache } from 'lru-cache';

const TTL_MS = 3_600_000;
const TTL_SECONDS = TTL_MS / 1000;

/** The floor: what an application would write by hand without any promise about expiry, bounds or concurrency. */
export const bareMap = {
  name: 'bare Map',
  setUp(load) {
    const entries = new Map();
    return async (sku) => {
      const key = `price:${sku}`;
      if (entries.has(key)) return entries.get(key);
      const value = await load(sku);
      entries.set(key, value);
      return value;
    };
  },
};

export const peers = [
  {
    name: 'cache-manager wrap (default store)',
    setUp(load) {
      const cache = createCache({ ttl: TTL_MS });
      return (sku) => cache.wrap(`price:${sku}`, () => load(sku));
    },
  },
  {
    name: 'cache-manager wrap (CacheableMemory)',
    setUp(load, { maxEntries }) {
      const cache = createCache({ ttl: TTL_MS, stores: [createKeyv({ ttl: TTL_MS, lruSize: maxEntries })] });
      return (sku) => cache.wrap(`price:${sku}`, () => load(sku));
    },
  },
  {
    name: 'cacheable getOrSet',
    setUp(load, { maxEntries }) {
      const cache = new Cacheable({ ttl: TTL_MS, primary: createKeyv({ lruSize: maxEntries }) });
      return (sku) => cache.getOrSet(`price:${sku}`, () => load(sku));
    },
  },
  {
    name: 'cacheable getOrSet (useClone: false)',
    setUp(load, { maxEntries }) {
      const cache = new Cacheable({ ttl: TTL_MS, primary: createKeyv({ lruSize: maxEntries, useClone: false }) });
      return (sku) => cache.getOrSet(`price:${sku}`, () => load(sku));
    },
  },
  {
    name: 'bentocache getOrSet',
    setUp: (load, options) => bentocacheReader(load, options, true),
  },
  {
    name: 'bentocache getOrSet (serialize: false)',
    setUp: (load, options) => bentocacheReader(load, options, false),
  },
  {
    name: '@type-cacheable/core decorator',
    setUp(load, { maxEntries }) {
      class Prices {
        priceOf(sku) {
          return load(sku);
        }
      }
      const client = new LRUCacheAdapter(new LRUCache({ max: maxEntries }));
      // Its default key is an MD5 of the serialised arguments and instance; a key function is its quicker way.
      const decorate = typeCacheable.Cacheable({
        client,
        ttlSeconds: TTL_SECONDS,
        cacheKey: ([sku]) => `price:${sku}`,
      });
      const descriptor = Object.getOwnPropertyDescriptor(Prices.prototype, 'priceOf');
      Object.defineProperty(Prices.prototype, 'priceOf', decorate(Prices.prototype, 'priceOf', descriptor));
      const prices = new Prices();
      return (sku) => prices.priceOf(sku);
    },
  },
  {
    name: 'async-cache-dedupe',
    setUp(load, { maxEntries }) {
      const cache = createDedupeCache({ ttl: TTL_SECONDS, storage: { type: 'memory', options: { size: maxEntries } } });
      cache.define('price', (sku) => load(sku));
      return (sku) => cache.price(sku);
    },
  },
  {
    name: 'cachified (lru-cache)',
    setUp(load, { maxEntries }) {
      const entries = new LRUCache({ max: maxEntries });
      const cache = {
        get: (key) => entries.get(key),
        set: (key, entry) =>
          entries.set(key, entry, { ttl: totalTtl(entry.metadata), start: entry.metadata.createdTime }),
        delete: (key) => entries.delete(key),
      };
      return (sku) => cachified({ key: `price:${sku}`, cache, ttl: TTL_MS, getFreshValue: () => load(sku) });
    },
  },
];

function bentocacheReader(load, { maxEntries }, serialize) {
  const store = bentostore().useL1Layer(memoryDriver({ maxItems: maxEntries, serialize }));
  const cache = new BentoCache({ default: 'memory', stores: { memory: store } });
  return (sku) => cache.getOrSet({ key: `price:${sku}`, ttl: TTL_MS, factory: () => load(sku) });
}
