import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** The shared store cannot be used as it is: wrong address or password, too old, or set up so that a promise would break. */
export class StoreRefusedError extends ConsistentCacheError {
  /** @param store which store, without its password: `Redis at localhost:6379` */
  constructor(store: string, what: string, fix: string, cause?: unknown) {
    super({ code: 'STORE_REFUSED', what, where: store, fix, cause });
  }
}
