import { randomUUID } from 'node:crypto';
import type { KeyvLink } from './keyv-link.js';

/**
 * Which store it is: what is read back counts, because a Keyv cannot set if absent. Two that start in the same moment may still know
 * different ones, and so does a process whose store cannot keep it.
 */
export async function storeIdIn(link: KeyvLink, namespace: string): Promise<string> {
  const key = `${namespace}:store:`;
  const drawn = randomUUID();
  try {
    const [known] = await link.getShared([key]);
    if (known !== undefined) return known;
    await link.setShared(key, drawn);
    const [kept] = await link.getShared([key]);

    return kept ?? drawn;
  } catch {
    // As good as one that the store has lost. The guard tells that it failed.
    return drawn;
  }
}
