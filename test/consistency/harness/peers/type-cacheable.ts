import type { Register } from '../application/register.js';
import { openIoredis, PEER_TTL_MS, type OpenPeerCache } from './peer.js';

type Decorate = (target: object, name: string, descriptor: PropertyDescriptor) => PropertyDescriptor;

interface TypeCacheable {
  readonly Cacheable: (options: object) => Decorate;
  readonly CacheClear: (options: object) => Decorate;
}

interface Adapter {
  readonly useAdapter: (client: unknown) => unknown;
}

/** Its decorators on a service over Redis: @Cacheable on the read, @CacheClear on what is called after the write. */
export const openTypeCacheable: OpenPeerCache = async ({ redisUrl, load }) => {
  const { Cacheable, CacheClear } = (await load('@type-cacheable/core')) as TypeCacheable;
  const { useAdapter } = (await load('@type-cacheable/ioredis-adapter')) as Adapter;
  const client = useAdapter(await openIoredis(redisUrl, load));
  const cacheKey = ([key]: readonly [string]) => key;

  class Service {
    read(_key: string, loading: () => Promise<Register>): Promise<Register> {
      return loading();
    }

    evict(key: string): Promise<string> {
      return Promise.resolve(key);
    }
  }
  decorate(Service.prototype, 'read', Cacheable({ client, cacheKey, ttlSeconds: PEER_TTL_MS / 1000 }));
  decorate(Service.prototype, 'evict', CacheClear({ client, cacheKey }));

  return new Service();
};

function decorate(prototype: object, name: string, by: Decorate): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  if (descriptor !== undefined) Object.defineProperty(prototype, name, by(prototype, name, descriptor));
}
