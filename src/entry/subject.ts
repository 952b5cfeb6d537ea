/** To whom an entry belongs. */
export interface Subject {
  /** Keyed hash that key and entry repeat; undefined for `scope: 'shared'`. */
  readonly id: string | undefined;
  /** A short name within this process, never given twice: the price of finding a fresh text in a map is its length. */
  readonly shortName: string;
  /** What outdates everything of this user or tenant. */
  readonly tags: readonly string[];
}

export const NOBODY: Subject = { id: undefined, shortName: '', tags: [] };

/** Ends the short name of a cache or a subject. */
export const SHORT_NAME_END = '~';
