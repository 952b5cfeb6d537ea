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
 * commit: whoever ran the transaction hears of its success only after they are confirmed. One within another may be a savepoint or
 * a transaction of its own, so what is written in it is evicted when it ends, and once more with the outermost one.
 *
 * @see docs/guides/transactions.md, where drizzle, TypeORM and others are connected
 */
export class Transactions {
  constructor(private readonly scopes: CallScopes) {}

  /** Whether the running call is inside a transaction. */
  get isOpen(): boolean {
    return this.scopes.current().transaction !== undefined;
  }

  /** The application has been closed: nothing is inside a transaction any more. @internal */
  get areOver(): boolean {
    return this.scopes.areClosed;
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
  run<T>(work: (inside: Inside) => Promise<T>): Promise<T> {
    return this.runBy(undefined, work);
  }

  /** @param by the object whose method runs it @internal */
  async runBy<T>(by: object | undefined, work: (inside: Inside) => Promise<T>): Promise<T> {
    const transaction = new OpenTransaction(this.scopes.current().transaction, by);
    // A body may be run again, as after a serialization failure. Any that ended well may have been committed, whatever came after.
    const bodies = { begun: 0, ended: 0 };
    const inside: Inside = async (body, handle) => {
      bodies.begun += 1;
      // Its commit was refused or got no answer, which look alike from here; the one to come answers for itself alone.
      if (bodies.ended > 0) transaction.leaveUnanswered();
      const result = await body();
      await transaction.beforeCommit(handle);
      bodies.ended += 1;

      return result;
    };
    let result: T;
    try {
      result = await this.scopes.within({ transaction }, () => work(inside));
    } catch (error) {
      const how = bodies.begun > 0 && bodies.ended === 0 ? 'rolled-back' : 'unknown';
      // Its own error is what the caller must hear; events tell of evictions that failed.
      await transaction.end(how).catch(() => undefined);
      throw error;
    }
    await transaction.end('committed');

    return result;
  }

  /**
   * Runs what goes around the transaction that is open: what it writes is committed at once, and evicted at once.
   *
   * Needed only within a transaction, where its statements go over another connection or each commits by itself.
   */
  outside<T>(work: () => T): T {
    return this.scopes.within({ transaction: undefined }, work);
  }

  /** Runs what is in no transaction of that object; it may well be in one of another database. @internal */
  outsideOf<T>(by: object, work: () => T): T {
    let { transaction } = this.scopes.current();
    while (transaction?.by === by) transaction = transaction.outer;

    return this.scopes.within({ transaction }, work);
  }
}
