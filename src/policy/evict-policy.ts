import type { TagValues } from '../entry/tag.js';
import type { CallerKey } from './cacheable-policy.js';

/** What `@CacheEvict` declares: which entries a write outdates, and when. */
export interface EvictPolicy<Args extends readonly unknown[] = readonly never[], Result = never> {
  /** Values of families, computed from the arguments before the method runs. */
  readonly tags?: Readonly<Record<string, (...args: Args) => TagValues>>;
  /**
   * Values of families, computed from the result. When such a function fails, the whole family is evicted instead: the
   * write has happened, and too much is safe where too little is not.
   */
  readonly tagsOfResult?: Readonly<Record<string, (result: Result, ...args: Args) => TagValues>>;
  /** Whole families. */
  readonly families?: readonly string[];
  /** Whole caches, by the name of their policy. */
  readonly caches?: readonly string[];
  /** Every entry that belongs to this user, in every cache. */
  readonly user?: (...args: Args) => CallerKey;
  /**
   * `'after'`: once the method has succeeded, before its caller is answered. `'before'`: before the method runs, also
   * when it fails.
   *
   * `'before'` alone lets a concurrent read store the old value again; declare it beside an `'after'` when both matter.
   *
   * @default 'after'
   */
  readonly when?: 'after' | 'before';
  /**
   * For writes of `linearizable` caches alone: go on when the write cannot be announced, because the store does not answer.
   * Until the eviction afterwards is confirmed, reads may then see the old value. Each such write is an event.
   *
   * @default the write is refused before it touches the source
   */
  readonly degrade?: { readonly because: string };
  /** `false` for a call: nothing is evicted. */
  readonly condition?: (...args: Args) => boolean;
  /** Whether the method answers with a Promise or an Observable. @default what the method's return type says */
  readonly returns?: 'promise' | 'observable';
}
