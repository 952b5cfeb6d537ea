/** The door `nestjs-consistent-cache/redis`: a store that processes share, in Redis. */
export { redisStore } from './redis-store.js';
export type { RedisStoreAddress, RedisStoreOptions } from './redis-store.js';
