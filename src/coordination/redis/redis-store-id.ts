import { randomUUID } from 'node:crypto';
import { storeIdKey } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

/** Which Redis it is: drawn by whoever came first, and by this process for itself where it cannot be kept. */
export async function storeIdIn(link: RedisLink, namespace: string): Promise<string> {
  const key = storeIdKey(namespace);
  const drawn = randomUUID();
  try {
    const { value: known } = await link.get(key);
    if (known !== undefined) return known;
    await link.send(key, ['SET', key, drawn, 'NX']);

    return (await link.get(key)).value ?? drawn;
  } catch {
    // As good as one that the store has lost, and no reason to refuse the start. The link tells that it failed.
    return drawn;
  }
}
