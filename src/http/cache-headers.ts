import type { LoggedRead } from '../context/read-log.js';

/** The name under which this cache appears in `Cache-Status`. */
const CACHE_NAME = 'nestjs-consistent-cache';

/** What a response says of the cached reads that it is made of; a member is undefined when nothing is to be said. */
export interface CacheHeaders {
  /** RFC 9211: one member for each cache and outcome, with the oldest of its reads. */
  readonly cacheStatus: string | undefined;
  /** RFC 9111 §5.1, whole seconds: the response is as old as the oldest value in it. */
  readonly age: string | undefined;
  /** `no-store` when anything in it may be stored nowhere, `private` when anything in it belongs to one user or tenant. */
  readonly cacheControl: 'no-store' | 'private' | undefined;
}

export function cacheHeadersOf(reads: readonly LoggedRead[]): CacheHeaders {
  const oldest = new Map<string, LoggedRead>();
  for (const read of reads) {
    const same = `${read.policy} ${read.outcome}`;
    const other = oldest.get(same);
    if (other === undefined || read.ageMs > other.ageMs) oldest.set(same, read);
  }
  const members = [...oldest.values()];
  // A miss may have joined a load that had been running for a while.
  const served = members.filter(({ outcome, ageMs }) => outcome === 'hit' || outcome === 'stale' || ageMs >= 1_000);

  return {
    cacheStatus: members.length === 0 ? undefined : members.map(memberOf).join(', '),
    age: served.length === 0 ? undefined : String(Math.floor(Math.max(...served.map(({ ageMs }) => ageMs)) / 1_000)),
    cacheControl: reads.some(({ noStore }) => noStore)
      ? 'no-store'
      : reads.some(({ scope }) => scope !== 'shared')
        ? 'private'
        : undefined,
  };
}

function memberOf({ policy, outcome, freshForMs }: LoggedRead): string {
  const detail = `detail="${policy.replaceAll(/[^\x20-\x7e]|["\\]/g, '_')}"`;
  switch (outcome) {
    case 'hit':
    case 'stale':
      // RFC 9211 §2.4: a negative ttl says that the response was stale.
      return `${CACHE_NAME}; hit; ttl=${Math.floor(freshForMs / 1_000)}; ${detail}`;
    case 'miss':
      return `${CACHE_NAME}; fwd=miss; ${detail}`;
    case 'bypass':
    case 'refused':
      return `${CACHE_NAME}; fwd=bypass; ${detail}`;
  }
}
