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
  private isRecorded = false;

  constructor(
    private readonly transaction: OpenTransaction,
    private readonly outbox: OpenOutbox,
    private readonly events: CacheEvents,
  ) {}

  async beforeCommit(handle: unknown): Promise<void> {
    const { isOver, outer, written } = this.transaction;
    // The outer one writes down for itself, what was written within it too; and alone, where the inner one has no handle.
    if (isOver || (outer !== undefined && handle === undefined) || written.length === 0) return;
    this.transaction.join(new WrittenRecord(await this.outbox.record(handle, written), this.outbox));
    this.isRecorded = true;
  }

  afterwards(how: TransactionEnd): void {
    const { outer, written } = this.transaction;
    if (how !== 'committed' || this.isRecorded || outer !== undefined || written.length === 0) return;
    this.events.publish({ type: 'eviction-unrecorded', tags: written });
  }
}

/** A guest of its own, because each attempt of a body writes one, and only the last attempt may have got its answer. */
class WrittenRecord implements TransactionGuest {
  constructor(
    private readonly record: string,
    private readonly outbox: OpenOutbox,
  ) {}

  afterwards(how: TransactionEnd, isDone: boolean): void {
    // A commit of which no answer came may still be on its way, and what was evicted before it be stored again: that is relayed.
    if (how === 'committed' && isDone) this.outbox.settle([this.record]);
  }
}
