import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** The shared store cannot be used as it is: wrong address or password, too old, or set up so that a promise would break. */
export class StoreRefusedError extends ConsistentCacheError {
  /** @param store which store, without its password: `Redis at localhost:6379` */
  constructor(store: string, what: string, fix: string, cause?: unknown) {
    super({ code: 'STORE_REFUSED', what, where: store, fix, cause });
  }
}

/** What a transaction outdates could not be written into the outbox, so it must not commit. */
export class OutboxFailedError extends ConsistentCacheError {
  constructor(outbox: string, what: string, fix: string, cause?: unknown) {
    super({ code: 'OUTBOX_FAILED', what: `${what}, so the transaction is rolled back`, where: outbox, fix, cause });
  }
}
