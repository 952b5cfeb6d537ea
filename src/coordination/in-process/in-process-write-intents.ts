import { WriteIntents } from '../write-intents.js';
import type { Announcement } from '../write-intents.js';

/** Announced writes of this process: enough where it is the only one that writes. What a process announces dies with it. */
export class InProcessWriteIntents extends WriteIntents {
  private readonly writesOf = new Map<string, number>();

  /** Holds from this call on, not only from when it settles. */
  override announce(tags: readonly string[]): Promise<Announcement> {
    for (const tag of tags) this.writesOf.set(tag, (this.writesOf.get(tag) ?? 0) + 1);
    let isHeld = true;

    return Promise.resolve({
      lost: false,
      confirm: () => Promise.resolve(),
      withdraw: () => {
        if (isHeld) this.end(tags);
        isHeld = false;
        return Promise.resolve();
      },
    });
  }

  override pending(tags: readonly string[]): boolean {
    return this.writesOf.size > 0 && tags.some((tag) => this.writesOf.has(tag));
  }

  private end(tags: readonly string[]): void {
    for (const tag of tags) {
      const others = (this.writesOf.get(tag) ?? 1) - 1;
      if (others === 0) this.writesOf.delete(tag);
      else this.writesOf.set(tag, others);
    }
  }
}
