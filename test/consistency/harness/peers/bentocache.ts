import { openIoredis, PEER_TTL_MS, type OpenPeerCache } from './peer.js';
import type { Register } from '../application/register.js';

interface Store {
  useL1Layer(driver: unknown): Store;
  useL2Layer(driver: unknown): Store;
  useBus(driver: unknown): Store;
}

interface Bentocache {
  readonly BentoCache: new (options: object) => {
    getOrSet(options: { key: string; ttl: number; factory: () => Promise<Register> }): Promise<Register>;
    delete(options: { key: string }): Promise<unknown>;
  };
  readonly bentostore: () => Store;
}

type Driver = (options: object) => unknown;

/** Two layers and a bus, as its documentation recommends for several instances; its defaults otherwise. */
export const openBentocache: OpenPeerCache = async ({ redisUrl, load }) => {
  const { BentoCache, bentostore } = (await load('bentocache')) as Bentocache;
  const { memoryDriver } = (await load('bentocache/drivers/memory')) as { readonly memoryDriver: Driver };
  const { redisDriver, redisBusDriver } = (await load('bentocache/drivers/redis')) as {
    readonly redisDriver: Driver;
    readonly redisBusDriver: Driver;
  };
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: 10_000 }))
    .useL2Layer(redisDriver({ connection: await openIoredis(redisUrl, load) }))
    .useBus(redisBusDriver({ connection: await openIoredis(redisUrl, load) }));
  const cache = new BentoCache({ default: 'registers', stores: { registers: store } });

  return {
    read: (key, factory) => cache.getOrSet({ key, ttl: PEER_TTL_MS, factory }),
    evict: (key) => cache.delete({ key }),
  };
};
