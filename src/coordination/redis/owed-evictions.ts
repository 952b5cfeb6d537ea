import type { SharedStoreEvent } from '../shared-store.js';
import type { RedisLink } from './redis-link.js';

/** So many are tried at once, lest a long outage ends with one flood that no deadline survives. */
const TRIED_TOGETHER = 256;

/**
 * The evictions that this process could not confirm, tried again until they are.
 *
 * The write has happened and its writer was told that its eviction failed. What the debt is for cannot be cached in this
 * process until it is paid; other processes may serve the old value until then. A process that ends does not pay.
 */
export class OwedEvictions {
  /** By tag, when it was last owed. In the order in which they are to be tried. */
  private readonly debts = new Map<string, number>();
  private lastDebt = 0;
  private isTrying = false;
  private stopListening: (() => void) | undefined;

  /** @param evict tries once, and settles or adds what is owed, before it settles itself */
  constructor(
    private readonly link: RedisLink,
    private readonly evict: (tags: readonly string[]) => Promise<void>,
    private readonly report: (event: SharedStoreEvent) => void,
  ) {}

  has(tag: string): boolean {
    return this.debts.size > 0 && this.debts.has(tag);
  }

  /** A moment among the debts: what is confirmed later, but was sent before a debt was made, does not pay it. */
  get mark(): number {
    return this.lastDebt;
  }

  add(tags: readonly string[]): void {
    const unknown = tags.filter((tag) => !this.debts.has(tag));
    this.lastDebt += 1;
    for (const tag of tags) {
      // To the end of the line: one node that stays away must not keep others from being tried.
      this.debts.delete(tag);
      this.debts.set(tag, this.lastDebt);
    }
    this.stopListening ??= this.link.onProbe(() => void this.tryAll());
    if (unknown.length > 0) this.report({ type: 'eviction-owed', tags: unknown });
  }

  /** @param mark of the moment before the confirmed replacement was sent */
  settle(tags: readonly string[], mark: number): void {
    if (this.debts.size === 0) return;
    const paid = tags.filter((tag) => (this.debts.get(tag) ?? Infinity) <= mark);
    for (const tag of paid) this.debts.delete(tag);
    if (paid.length > 0) this.report({ type: 'eviction-settled', tags: paid });
    if (this.debts.size > 0) return;

    this.stopListening?.();
    this.stopListening = undefined;
  }

  private async tryAll(): Promise<void> {
    if (this.isTrying) return;
    this.isTrying = true;
    const owed = [...this.debts.keys()];
    for (let from = 0; from < owed.length; from += TRIED_TOGETHER) {
      // Owed again where it fails, and told so when it was first.
      await this.evict(owed.slice(from, from + TRIED_TOGETHER)).catch(() => undefined);
    }
    this.isTrying = false;
  }
}
