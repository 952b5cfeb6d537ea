import { PEER_TTL_MS, type OpenPeerCache, type PeerCache } from './peer.js';

interface CacheableModule {
  readonly Cacheable: new (options: object) => {
    getOrSet: PeerCache['read'];
    delete(key: string): Promise<unknown>;
    on(event: 'error', listener: () => void): unknown;
  };
}

interface QifiedRedis {
  readonly createQified: (options: { uri: string }) => { on(event: 'error', listener: () => void): unknown };
}

interface KeyvRedis {
  readonly createKeyv: (url: string) => { on(event: 'error', listener: () => void): unknown };
}

/** Memory in front of Redis, and what one instance sets or deletes told to the others: its CacheableSync. */
export const openCacheable: OpenPeerCache = async ({ redisUrl, load }) => {
  const { Cacheable } = (await load('cacheable')) as CacheableModule;
  const { createKeyv } = (await load('@keyv/redis')) as KeyvRedis;
  const { createQified } = (await load('@qified/redis')) as QifiedRedis;
  const secondary = createKeyv(redisUrl);
  const qified = createQified({ uri: redisUrl });
  const cache = new Cacheable({ ttl: PEER_TTL_MS, secondary, sync: { qified } });
  for (const each of [secondary, qified, cache]) each.on('error', () => undefined);

  return { read: (key, loading) => cache.getOrSet(key, loading), evict: (key) => cache.delete(key) };
};
