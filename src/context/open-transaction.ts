/**
 * How a transaction ended: `unknown` when its commit was asked for and no answer came, so that it must be taken for committed
 * and may have been rolled back.
 */
export type TransactionEnd = 'committed' | 'rolled-back' | 'unknown';

/** What waits for the end of a transaction. */
export interface TransactionGuest {
  /**
   * The last that happens inside, before the commit is asked for; a rejection rolls the transaction back.
   *
   * @param handle the transaction as its library knows it; undefined where the adapter does not hand it over
   */
  beforeCommit?(handle: unknown): Promise<void>;
  /**
   * A transaction within another has ended well: it was committed on its own, or is a savepoint and will be with the outer one.
   * Nobody can tell which, so this comes before its caller hears, and `ended` when the outermost one is over.
   */
  mayBeCommitted?(): Promise<void>;
  /**
   * Whoever runs the transaction hears of its end only after this has settled.
   *
   * @param how the guest's own end: `unknown` also where its commit got no answer, and a later attempt or the transaction around it did
   */
  ended?(how: TransactionEnd): Promise<void>;
  /** Once every guest has settled. @param how as for `ended` @param isDone whether all of them could do what they waited for */
  afterwards?(how: TransactionEnd, isDone: boolean): void;
}

/** A transaction around the running call, as far as caches are concerned. */
export class OpenTransaction {
  private readonly tags = new Set<string>();
  private readonly guests = new Set<TransactionGuest>();
  /** Those whose own commit got no answer, by an earlier attempt or within: it may be under way, whatever becomes of this one. */
  private readonly unanswered = new Set<TransactionGuest>();
  private over = false;

  /**
   * @param outer the transaction within which it was begun
   * @param by the object whose method runs it, where that is known
   */
  constructor(
    readonly outer?: OpenTransaction,
    readonly by?: object,
  ) {}

  /** This one, or the nearest around it that has not ended: what is left behind by it belongs to that, or to none. */
  running(): OpenTransaction | undefined {
    return this.over ? this.outer?.running() : this;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** What is outdated for whoever is inside, from now on, and for everybody else once it is committed. */
  wrote(tags: readonly string[]): void {
    for (const tag of tags) this.tags.add(tag);
    this.outer?.wrote(tags);
  }

  /** Whether something was written, here or around it, that one of these tags stands for. */
  hasWritten(tags: readonly string[]): boolean {
    if (this.outer !== undefined) return this.outer.hasWritten(tags);

    return this.tags.size > 0 && tags.some((tag) => this.tags.has(tag));
  }

  /** Everything written so far, here and within it. */
  get written(): readonly string[] {
    return [...this.tags];
  }

  join(guest: TransactionGuest): void {
    this.guests.add(guest);
  }

  /** @throws what the first guest rejects with */
  async beforeCommit(handle: unknown): Promise<void> {
    for (const guest of this.guests) await guest.beforeCommit?.(handle);
  }

  /** A commit of all that was done so far was asked for, and what came of it is not known. */
  leaveUnanswered(): void {
    for (const guest of this.guests) this.unanswered.add(guest);
  }

  /** Tells every guest, whatever becomes of the others. @throws what the first of them rejects with */
  async end(how: TransactionEnd): Promise<void> {
    this.over = true;
    if (how === 'unknown') this.leaveUnanswered();
    const outer = this.outer?.running();
    if (outer === undefined) {
      const endOf = (guest: TransactionGuest): TransactionEnd => (this.unanswered.has(guest) ? 'unknown' : how);
      const failure = await this.tell((guest) => guest.ended?.(endOf(guest)) ?? Promise.resolve());
      for (const guest of this.guests) guest.afterwards?.(endOf(guest), failure === undefined);
      if (failure !== undefined) throw failure.reason;
      return;
    }

    for (const guest of this.guests) outer.join(guest);
    for (const guest of this.unanswered) outer.unanswered.add(guest);
    if (how === 'rolled-back') return;
    const failure = await this.tell((guest) => guest.mayBeCommitted?.() ?? Promise.resolve());
    if (failure !== undefined) throw failure.reason;
  }

  private async tell(hear: (guest: TransactionGuest) => Promise<void>): Promise<PromiseRejectedResult | undefined> {
    const outcomes = await Promise.allSettled([...this.guests].map(hear));

    return outcomes.find((outcome) => outcome.status === 'rejected');
  }
}
