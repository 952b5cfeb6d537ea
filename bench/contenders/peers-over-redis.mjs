/**
 * Peers over a Redis, each as its own documentation shows it first: a URL or a client on default settings, a TTL, and a
 * listener for errors only where the documentation attaches one. `evict` is the peer's own way to remove a key.
 */
import { createKeyv } from '@keyv/redis';
import { createClient } from '@redis/client';
import { createCache as createDedupeCache } from 'async-cache-dedupe';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { createCache } from 'cache-manager';
import { Redis } from 'ioredis';

const TTL_MS = 3_600_000;
const MAX_ITEMS = 10_000;

/** What a Redis costs by itself: a client on default settings, one GET and one JSON.parse; a key that is missing is no hit. */
export const rawGet = {
  name: 'raw GET + JSON.parse',
  async open(url, load) {
    const client = createClient({ url });
    client.on('error', () => undefined);
    await client.connect();

    return {
      async read(sku) {
        const text = await client.get(`raw:${sku}`);
        if (text !== null) return JSON.parse(text);
        const value = await load(sku);
        await client.set(`raw:${sku}`, JSON.stringify(value), { PX: TTL_MS });
        return value;
      },
      evict: (sku) => client.del(`raw:${sku}`),
    };
  },
};

/** The floor of a validated read with one declared tag: the same number of keys in one MGET, with nothing around it. */
export const rawMget = {
  name: 'raw MGET of 4 keys + JSON.parse',
  async open(url, load) {
    const client = createClient({ url });
    client.on('error', () => undefined);
    await client.connect();
    const version = '0123456789abcdef0123456789abcdef01234567.0.0123456789ab';
    const keysOf = (sku) => [`rawm:${sku}`, 'rawv:cache', 'rawv:family', `rawv:${sku}`];

    return {
      async read(sku) {
        const [text, ...versions] = await client.mGet(keysOf(sku));
        if (text !== null && versions.every((each) => each === version)) return JSON.parse(text);
        const value = await load(sku);
        const [entry, ...tags] = keysOf(sku);
        await Promise.all(tags.map((tag) => client.set(tag, version)));
        await client.set(entry, JSON.stringify(value), { PX: TTL_MS });
        return value;
      },
    };
  },
};

/** Nest's CacheInterceptor and CACHE_MANAGER are this: the same calls on the same store. */
export const cacheManager = {
  name: 'cache-manager wrap (@keyv/redis)',
  async open(url, load, { ttlMs = TTL_MS } = {}) {
    const cache = createCache({ ttl: ttlMs, stores: [createKeyv(url)] });

    return {
      read: (sku) => cache.wrap(`price:${sku}`, () => load(sku)),
      evict: (sku) => cache.del(`price:${sku}`),
    };
  },
};

export const bentocache = {
  name: 'bentocache getOrSet (redis)',
  open: async (url, load, { ttlMs = TTL_MS } = {}) =>
    bentocacheOver(load, bentostore().useL2Layer(redisDriver({ connection: clientOf(url) })), ttlMs),
};

/** Its `serialize: false`, which shares objects, works with one layer only (1.6). */
export const bentocacheTwoLayers = {
  name: 'bentocache getOrSet (L1 + redis + bus)',
  open: async (url, load, { ttlMs = TTL_MS } = {}) =>
    bentocacheOver(
      load,
      bentostore()
        .useL1Layer(memoryDriver({ maxItems: MAX_ITEMS }))
        .useL2Layer(redisDriver({ connection: clientOf(url) }))
        .useBus(redisBusDriver({ connection: clientOf(url) })),
      ttlMs,
    ),
};

export const dedupe = {
  name: 'async-cache-dedupe (redis)',
  async open(url, load, { ttlMs = TTL_MS } = {}) {
    const client = clientOf(url);
    const cache = createDedupeCache({ ttl: ttlMs / 1000, storage: { type: 'redis', options: { client } } });
    cache.define('price', (sku) => load(sku));

    return { read: (sku) => cache.price(sku), evict: (sku) => cache.clear('price', sku) };
  },
};

function bentocacheOver(load, store, ttlMs) {
  const cache = new BentoCache({ default: 'prices', stores: { prices: store } });

  return {
    read: (sku) => cache.getOrSet({ key: `price:${sku}`, ttl: ttlMs, factory: () => load(sku) }),
    evict: (sku) => cache.delete({ key: `price:${sku}` }),
  };
}

/** On default settings. Without a listener it writes each failure to the console, and some peers duplicate their client. */
class QuietRedis extends Redis {
  constructor(...options) {
    super(...options);
    this.on('error', () => undefined);
  }

  duplicate(override) {
    return new QuietRedis({ ...this.options, ...override });
  }
}

function clientOf(url) {
  return new QuietRedis(url);
}
