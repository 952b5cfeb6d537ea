import { createCache, type Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { RedisLink } from './redis-link.js';

/**
 * A cache-manager over the link: values share its connection, its deadline and its breaker with everything else.
 *
 * A value lies in Redis as the text that it was given as, under exactly the key that it was given.
 */
export function cacheOver(link: RedisLink): Cache {
  const keyv = new Keyv({ store: new LinkValues(link), useKeyPrefix: false, throwOnErrors: true });
  keyv.serialize = ({ value }) => value as string;
  keyv.deserialize = (text) => ({ value: text as never });
  // What fails rejects, so nothing is lost here; without a listener it would be thrown once more.
  keyv.on('error', () => undefined);

  return createCache({ stores: [keyv] });
}

/** What Keyv asks of a store. */
class LinkValues {
  constructor(private readonly link: RedisLink) {}

  async get(key: string): Promise<string | undefined> {
    return (await this.link.get(key)).value;
  }

  async set(key: string, text: string, ttlMs?: number): Promise<void> {
    const lifetime = ttlMs === undefined ? [] : ['PX', String(ttlMs)];
    await this.link.send(key, ['SET', key, text, ...lifetime]);
  }

  async delete(key: string): Promise<boolean> {
    return (await this.link.send(key, ['UNLINK', key])).value === 1;
  }

  /** Would be everybody's: Redis cannot tell our keys from those of others. */
  clear(): Promise<void> {
    return Promise.reject(new Error('A cache in a shared Redis is not cleared; evict by tags, or whole caches'));
  }
}
