import { openBentocache } from './bentocache.js';
import { openCacheManager } from './cache-manager.js';
import { openCacheable } from './cacheable.js';
import { openCachified } from './cachified.js';
import type { OpenPeerCache } from './peer.js';
import { openTypeCacheable } from './type-cacheable.js';

/** Each in the configuration that its own documentation recommends for several instances. */
export const PEERS: Readonly<Record<string, OpenPeerCache>> = {
  'cache-manager': openCacheManager,
  bentocache: openBentocache,
  cacheable: openCacheable,
  'type-cacheable': openTypeCacheable,
  cachified: openCachified,
};
