import type { CallScopes } from './call-scope.js';
import { OpenTransaction } from './open-transaction.js';

/**
 * Runs what belongs into the transaction.
 *
 * @param handle the transaction as its library knows it, for what has to be written in the very same one
 */
export type Inside = <T>(body: () => Promise<T>, handle?: unknown) => Promise<T>;

/**
 * Tells caches where a database transaction begins and ends.
 *
 * Inside one nothing that is loaded is stored, what was written in it is read from it, and evictions wait for the outermost
 * commit: whoever ran the transaction hears of its success only after they are confirmed. One within another is a savepoint: it
 * belongs to the outer one.
 *
 * @see docs/guides/transactions.md, where drizzle, TypeORM and others are connected
 */
export class Transactions {
  constructor(private readonly scopes: CallScopes) {}

  /** Whether the running call is inside a transaction. */
  get isOpen(): boolean {
    return this.scopes.current().transaction !== undefined;
  }

  /**
   * Runs a transaction, which the library of the database begins and ends within `work`.
   *
   * `inside` stands around the body of the transaction, so that what comes after the body is known to be the commit. Without
   * it every error leaves open whether there was a commit, and evicts what was written.
   *
   * @example `transactions.run((inside) => db.transaction((tx) => inside(() => body(tx), tx)))`
   * @throws what `work` throws
   * @throws {EvictionFailedError} after the commit, when an eviction could not be confirmed
   * @throws {WriteRefusedError} before it, when linearizable reads could miss a write in it; it is rolled back then
   */
  async run<T>(work: (inside: Inside) => Promise<T>): Promise<T> {
    if (this.isOpen) return work((body) => body());

    const transaction = new OpenTransaction();
    // A body may be run again, as after a serialization failure; only the last one counts.
    const last = { failed: false };
    const inside: Inside = async (body, handle) => {
      last.failed = true;
      const result = await body();
      await transaction.beforeCommit(handle);
      last.failed = false;

      return result;
    };
    let result: T;
    try {
      result = await this.scopes.within({ transaction }, () => work(inside));
    } catch (error) {
      // Its own error is what the caller must hear; events tell of evictions that failed.
      await transaction.end(last.failed ? 'rolled-back' : 'unknown').catch(() => undefined);
      throw error;
    }
    await transaction.end('committed');

    return result;
  }
}
