import type { OpenPeerCache, PeerCache } from './peer.js';
import { PEER_TTL_MS } from './peer.js';

interface CacheManager {
  readonly createCache: (options: object) => {
    wrap: PeerCache['read'];
    del(key: string): Promise<unknown>;
  };
}

interface KeyvRedis {
  readonly createKeyv: (url: string) => { on(event: 'error', listener: () => void): unknown };
}

/** `wrap` to read, `del` after a write: what CACHE_MANAGER of Nest is used for. */
export const openCacheManager: OpenPeerCache = async ({ redisUrl, load }) => {
  const { createCache } = (await load('cache-manager')) as CacheManager;
  const { createKeyv } = (await load('@keyv/redis')) as KeyvRedis;
  const store = createKeyv(redisUrl);
  store.on('error', () => undefined);
  const cache = createCache({ ttl: PEER_TTL_MS, stores: [store] });

  return { read: (key, loading) => cache.wrap(key, loading), evict: (key) => cache.del(key) };
};
