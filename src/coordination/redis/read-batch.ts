import type { Answer } from './redis-link.js';

/** The most keys that one command asks for, so that a large batch does not hold up what other processes ask. */
export const MAX_BATCH = 200;

type Read = Answer<string | undefined>;

/** Reads that travel together. A key that is asked for twice travels once. */
export class ReadBatch {
  private readonly slots = new Map<string, Slot>();

  get keys(): string[] {
    return [...this.slots.keys()];
  }

  get isFull(): boolean {
    return this.slots.size >= MAX_BATCH;
  }

  add(key: string): Promise<Read> {
    const slot = this.slots.get(key) ?? new Slot();
    this.slots.set(key, slot);

    return slot.promise;
  }

  /** @param values in the order of `keys`; an error is the failure of that key alone */
  settle(values: readonly unknown[], epoch: string): void {
    let index = 0;
    for (const slot of this.slots.values()) {
      const value = values[index++];
      if (value instanceof Error) slot.reject(value);
      else slot.resolve({ value: typeof value === 'string' ? value : undefined, epoch });
    }
  }

  fail(error: unknown): void {
    for (const slot of this.slots.values()) slot.reject(error);
  }
}

/** The answer to one key, for everybody who asked. */
class Slot {
  resolve!: (read: Read) => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<Read>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
