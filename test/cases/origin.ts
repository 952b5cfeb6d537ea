import { Deferred } from '../support/deferred.js';

type Answer = (...args: readonly unknown[]) => unknown;

/** The source of truth, played by a case: it notes each call and answers what the case tells it to. */
export class Origin {
  /** The arguments of every load, in order. */
  readonly loads: (readonly unknown[])[] = [];
  private waiting: { readonly loads: number; readonly reached: Deferred }[] = [];

  /** What a load answers; the number of the load when the case says nothing, so that an old value shows. */
  answer: Answer = async () => this.loads.length;
  /** What a write answers. */
  writeAnswer: Answer = async () => 'written';

  load(args: readonly unknown[]): unknown {
    this.loads.push(args);
    for (const { loads, reached } of this.waiting) if (this.loads.length >= loads) reached.resolve();

    return this.answer(...args);
  }

  write(args: readonly unknown[]): unknown {
    return this.writeAnswer(...args);
  }

  /** Settles when so many loads have begun. */
  async reached(loads: number): Promise<void> {
    if (this.loads.length >= loads) return;
    const reached = new Deferred();
    this.waiting.push({ loads, reached });
    await reached.promise;
  }
}
