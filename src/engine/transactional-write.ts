import type { TransactionEnd, TransactionGuest } from '../context/open-transaction.js';
import type { Announcement } from '../coordination/write-intents.js';

/** What a write inside a transaction needs of whoever evicts. */
export interface WriteEnding {
  evict(tags: readonly string[], by: string): Promise<void>;
  /** The write cannot be kept apart from reads any more; nothing has been committed. */
  refuse(by: string, cause: unknown): Error;
  /** The announcement had ended before the write did. */
  tellLost(by: string): void;
}

/**
 * A write inside a transaction: what it outdates waits for the outermost commit, and its announcement lasts until then.
 *
 * A rollback outdates nothing. A commit of which no answer came is taken for one, and may still be under way.
 */
export class TransactionalWrite implements TransactionGuest {
  private readonly outdated = new Map<string, Set<string>>();

  constructor(
    private readonly by: string,
    private readonly announcement: Announcement | undefined,
    private readonly ending: WriteEnding,
  ) {}

  /** @param by the declaration that says so */
  outdates(tags: readonly string[], by: string): void {
    const known = this.outdated.get(by) ?? new Set<string>();
    for (const tag of tags) known.add(tag);
    this.outdated.set(by, known);
  }

  /** The fence once more, as late as it can be: whoever lost the announcement meanwhile does not commit. */
  async beforeCommit(): Promise<void> {
    try {
      await this.announcement?.confirm();
    } catch (cause) {
      throw this.ending.refuse(this.by, cause);
    }
  }

  async ended(how: TransactionEnd): Promise<void> {
    if (how === 'rolled-back') {
      await this.announcement?.withdraw();
      return;
    }
    if (this.announcement?.lost === true) this.ending.tellLost(this.by);
    // Called in one tick, so that they travel together; and awaited together, or a rejection that nobody listens to yet would end
    // the process.
    const ending = how === 'committed' ? 'withdraw' : 'abandon';
    const [evicted] = await Promise.allSettled([this.mayBeCommitted(), this.announcement?.[ending]()]);
    if (evicted.status === 'rejected') throw evicted.reason;
  }

  /** Evicts, and stays announced. */
  async mayBeCommitted(): Promise<void> {
    const evictions = [...this.outdated].map(([by, tags]) => this.ending.evict([...tags], by));
    const failure = (await Promise.allSettled(evictions)).find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }
}
