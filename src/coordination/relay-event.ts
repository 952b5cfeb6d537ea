/** What works on its own, beside calls: evictions written down in a database, or changes noted in one. */
export type RelaySource = 'outbox' | 'external-writes';

/** Why it is not known what was changed meanwhile, so that whole families are evicted. */
export type FeedGap =
  /** Nobody has read the changes under this name before. */
  | 'no-position'
  /** Changes may have been pruned that nobody has read. */
  | 'too-long-ago'
  /** The server has started again, or is another one: its transactions cannot be compared with those of before. */
  | 'other-server';

/** What happens to evictions that do not depend on the process that owes them. */
export type RelayEvent =
  /** A committed write whose eviction its writer did not confirm was evicted from the outbox. */
  | { readonly type: 'eviction-relayed'; readonly tags: readonly string[] }
  /** A transaction was committed without its evictions in the outbox: whoever runs it does not say where its body ends. */
  | { readonly type: 'eviction-unrecorded'; readonly tags: readonly string[] }
  /** It is not known what was changed, so everything of these families was evicted. */
  | { readonly type: 'feed-restarted'; readonly because: FeedGap; readonly families: readonly string[] }
  /** The database or the store failed; it is tried again each period. Told once, until it works again. */
  | { readonly type: 'relay-suspended'; readonly source: RelaySource; readonly cause: unknown }
  | { readonly type: 'relay-resumed'; readonly source: RelaySource; readonly suspendedMs: number };
