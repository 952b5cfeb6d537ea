/** Who keeps copies in several instances in step: how to open one instance, with the origin that all of them share. */
import { bentocacheTwoLayers } from './peers-over-redis.mjs';

export const instances = {
  'ours, bounded': async (url, truth) => {
    const { openStock } = await import('./ours-over-redis.mjs');
    const { stock } = await openStock(url, {
      origin: async (sku) => ({ version: truth.versionOf(sku) }),
      commit: async (sku) => truth.commit(sku),
    });
    return { read: (sku) => stock.bounded(sku), write: (sku) => stock.changeBounded(sku) };
  },
  [bentocacheTwoLayers.name]: async (url, truth) => {
    const { read, evict } = await bentocacheTwoLayers.open(url, async (sku) => ({ version: truth.versionOf(sku) }));
    const write = async (sku) => {
      truth.commit(sku);
      await evict(sku);
    };
    return { read, write };
  },
};
