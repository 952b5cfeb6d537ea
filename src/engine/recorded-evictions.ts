import type { OpenTransaction, TransactionEnd, TransactionGuest } from '../context/open-transaction.js';
import type { OpenOutbox } from '../coordination/eviction-outbox.js';
import type { CacheEvents } from '../observability/event-channel.js';

/** Sees to it that what a transaction outdates is written down in it, where there is an outbox. */
export class RecordedEvictions {
  private readonly covered = new WeakSet<OpenTransaction>();

  constructor(
    private readonly outbox: OpenOutbox | undefined,
    private readonly events: CacheEvents,
  ) {}

  /** Before any other guest of the transaction joins: an announcement is confirmed after this has written, as late as it can be. */
  cover(transaction: OpenTransaction): void {
    if (this.outbox === undefined || this.covered.has(transaction)) return;
    if (transaction.outer !== undefined) this.cover(transaction.outer);
    this.covered.add(transaction);
    transaction.join(new RecordedTransaction(transaction, this.outbox, this.events));
  }
}

/** One record for all that a transaction outdates, written as the last of its statements. */
class RecordedTransaction implements TransactionGuest {
  /** Several, where the body was run again. */
  private readonly records: string[] = [];

  constructor(
    private readonly transaction: OpenTransaction,
    private readonly outbox: OpenOutbox,
    private readonly events: CacheEvents,
  ) {}

  async beforeCommit(handle: unknown): Promise<void> {
    const { isOver, outer, written } = this.transaction;
    // The outer one writes down for itself, what was written within it too; and alone, where the inner one has no handle.
    if (isOver || (outer !== undefined && handle === undefined)) return;
    if (written.length > 0) this.records.push(await this.outbox.record(handle, written));
  }

  ended(): Promise<void> {
    return Promise.resolve();
  }

  afterwards(how: TransactionEnd, isDone: boolean): void {
    if (how !== 'committed') return;
    if (this.records.length > 0) {
      // A commit of which no answer came may still be on its way, and what was evicted before it be stored again: that is relayed.
      if (isDone) this.outbox.settle(this.records);
      return;
    }
    const { outer, written } = this.transaction;
    if (written.length > 0 && outer === undefined) this.events.publish({ type: 'eviction-unrecorded', tags: written });
  }
}
