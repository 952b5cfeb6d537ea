/**
 * One load per id among processes.
 *
 * A lease is permission to be the one that loads, nothing more: it protects the origin from a crowd and no value from being
 * wrong, so a store that fails grants every lease.
 */
export abstract class LoadLeases {
  /** A lease; undefined while another process holds the id. Never rejects. */
  abstract acquire(id: string): LoadLease | undefined | Promise<LoadLease | undefined>;
}

export interface LoadLease {
  /** Lets the next one load. Never rejects; a lease that is not released ends by itself. */
  release(): void;
}
