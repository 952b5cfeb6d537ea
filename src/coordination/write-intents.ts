/**
 * Announcements of writes that are about to commit, which `linearizable` reads look for before they store anything.
 *
 * Invariants that every adapter keeps:
 * - from the moment `announce` settles until `withdraw` or the end of the lease, `pending` of the tag is true in every process;
 * - commands reach the store in the order in which they were called, so that a version bumped right after `announce`
 *   without waiting is never seen by a reader that does not see the announcement;
 * - an announcement is kept alive for as long as it is held, and ends by itself when its process dies.
 */
export abstract class WriteIntents {
  /** @throws {StoreUnavailableError} when the announcement could not be made; nothing may be written then */
  abstract announce(tags: readonly string[]): Promise<Announcement>;

  /** Whether a write of any of these tags is announced, at some instant during this call. */
  abstract pending(tags: readonly string[]): boolean | Promise<boolean>;
}

/** One announced write. */
export interface Announcement {
  /**
   * The fence before the write: asks the store once more.
   *
   * @throws {StoreUnavailableError} unless every intent is still there, in the epoch in which it was made, and its lease
   * is not nearly over
   */
  confirm(): Promise<void>;

  /** Whether the lease could not be kept alive while the write was running. */
  readonly lost: boolean;

  /** Ends the announcement. Never rejects: one that cannot be withdrawn expires. */
  withdraw(): Promise<void>;

  /** Lets it stand until its lease ends: nobody knows any more whether what was announced will still be committed. */
  abandon(): void;
}
