import type { Register } from '../application/register.js';
import { openIoredis, PEER_TTL_MS, type OpenPeerCache } from './peer.js';

interface Cachified {
  readonly cachified: (options: object) => Promise<Register>;
  readonly totalTtl: (metadata: unknown) => number;
}

interface CachifiedEntry {
  readonly metadata: unknown;
}

/** With a store over Redis as its documentation describes one, and the value deleted after a write. */
export const openCachified: OpenPeerCache = async ({ redisUrl, load }) => {
  const { cachified, totalTtl } = (await load('@epic-web/cachified')) as Cachified;
  const redis = await openIoredis(redisUrl, load);
  const cache = {
    get: async (key: string): Promise<unknown> => JSON.parse((await redis.get(key)) ?? 'null'),
    set: (key: string, entry: CachifiedEntry) =>
      redis.set(key, JSON.stringify(entry), 'PX', Math.ceil(totalTtl(entry.metadata))),
    delete: (key: string) => redis.del(key),
  };

  return {
    read: (key, getFreshValue) => cachified({ key, cache, ttl: PEER_TTL_MS, getFreshValue }),
    evict: (key) => redis.del(key),
  };
};
