/** Where the processes run that may write what this application caches. */
export type Topology = 'single-process' | 'multi-process';

/** What a store and its coordination can honour. A level that needs more is refused at start-up. */
export interface StoreCapabilities {
  /** What holds the versions, for messages: `this process's memory`. */
  readonly describedAs: string;
  /** Every process sees every version, and a bump in one outdates entries in all. */
  readonly sharedVersions: boolean;
  /** Writers can announce that they are about to commit, which `linearizable` needs. */
  readonly intents: boolean;
  /** A caller can carry what it has written and seen from one instance to another, which `session` needs. */
  readonly tickets: boolean;
}
