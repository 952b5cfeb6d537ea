import type { ConsistencyLevel } from 'nestjs-consistent-cache';

export type CacheName =
  'linearizable' | 'strong' | 'user' | 'session' | 'bounded' | 'imported' | 'eventual' | 'immutable';

/** A cache of the application: what it declares, and so what its reads are held to. */
export interface CacheUnderTest {
  readonly name: CacheName;
  readonly level: ConsistencyLevel;
  /** What it declares as `max` or `ttl`; 0 where the level has no bound. */
  readonly boundMs: number;
}

export const BOUNDED_MAX_MS = 1000;
export const SESSION_MAX_MS = 2000;
export const EVENTUAL_TTL_MS = 2000;

/** `imported` is bounded like `bounded`, and written past the cache, so that its age alone keeps the bound. */
export const CACHES: readonly CacheUnderTest[] = [
  { name: 'linearizable', level: 'linearizable', boundMs: 0 },
  { name: 'strong', level: 'strong', boundMs: 0 },
  { name: 'user', level: 'strong', boundMs: 0 },
  { name: 'session', level: 'session', boundMs: SESSION_MAX_MS },
  { name: 'bounded', level: 'bounded', boundMs: BOUNDED_MAX_MS },
  { name: 'imported', level: 'bounded', boundMs: BOUNDED_MAX_MS },
  { name: 'eventual', level: 'eventual', boundMs: EVENTUAL_TTL_MS },
  { name: 'immutable', level: 'immutable', boundMs: 0 },
];

export const LONGEST_BOUND_MS = Math.max(...CACHES.map(({ boundMs }) => boundMs));

/** A register's name says in which act it is used and through which cache, and for `user` whose it is: `3/user/5`. */
export function registerName(act: number, cache: CacheName, index: number): string {
  return `${act}/${cache}/${index}`;
}

export function cacheOf(register: string): string {
  return register.split('/')[1] ?? '';
}
