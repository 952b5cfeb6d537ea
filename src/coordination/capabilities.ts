/** Where the processes run that may write what this application caches. */
export type Topology = 'single-process' | 'multi-process';

/** One thing that a level may need of the store. */
export type Capability =
  /** Every process sees every version, and a bump in one outdates entries in all. */
  | 'sharedVersions'
  /** A restart or failover of the store shows, so that a version it had forgotten cannot come back unnoticed. */
  | 'knownEpoch'
  /** Writers can announce that they are about to commit, and the store does not drop the announcement for room. */
  | 'intents'
  /** What a caller has written and seen can be compared with an entry, whichever process loaded it. */
  | 'tickets';

/** What a store and its coordination can honour. A level that needs more is refused at start-up. */
export interface StoreCapabilities {
  /** What holds the versions, for messages: `this process's memory`. */
  readonly describedAs: string;
  readonly has: ReadonlySet<Capability>;
  /** Why a capability is missing, where that is worth saying: `maxmemory-policy is allkeys-lru`. */
  readonly missingBecause: Readonly<Partial<Record<Capability, string>>>;
}
