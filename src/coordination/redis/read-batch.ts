import type { Answer } from './redis-link.js';

/** The most keys that one command asks for, so that a large batch does not hold up what other processes ask. */
export const MAX_BATCH = 200;

type Read = Answer<string | undefined>;

/** Reads that travel together. A key that is asked for twice travels once. */
export class ReadBatch {
  private readonly places = new Map<string, number>();
  private readonly waiting: Waiting[] = [];

  get keys(): string[] {
    return [...this.places.keys()];
  }

  get isFull(): boolean {
    return this.places.size >= MAX_BATCH;
  }

  /** One answer for each key, in their order. */
  add(keys: readonly string[]): Promise<readonly Read[]> {
    const places = keys.map((key) => this.placeOf(key));

    return new Promise((resolve, reject) => {
      this.waiting.push({ places, resolve, reject });
    });
  }

  /** @param values in the order of `keys`; an error is the failure of those who asked for that key */
  settle(values: readonly unknown[], epoch: string): void {
    for (const { places, resolve, reject } of this.waiting) {
      const failed = places.find((place) => values[place] instanceof Error);
      if (failed !== undefined) reject(values[failed]);
      else resolve(places.map((place) => ({ value: textOf(values[place]), epoch })));
    }
  }

  fail(error: unknown): void {
    for (const { reject } of this.waiting) reject(error);
  }

  private placeOf(key: string): number {
    const known = this.places.get(key);
    if (known !== undefined) return known;

    const place = this.places.size;
    this.places.set(key, place);

    return place;
  }
}

/** Somebody who has asked for some of the keys. */
interface Waiting {
  readonly places: readonly number[];
  readonly resolve: (reads: readonly Read[]) => void;
  readonly reject: (error: unknown) => void;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
