import type { EntryAddress } from '../storage/entry-store.js';
import type { TagList } from '../coordination/version-store.js';
import { tagValuesOf, valueTag } from '../entry/tag.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** What it takes to run a cached method itself. */
export interface OriginCall {
  readonly policy: ResolvedPolicy;
  readonly instance: unknown;
  readonly args: readonly unknown[];
  /** The method itself, without this library. */
  readonly method: (...args: readonly unknown[]) => unknown;
}

/** One call of a cached method, as data. */
export interface Invocation extends OriginCall, EntryAddress {}

/** Whether the arguments of a call still say what its key and subject were made of. */
export interface InvocationCheck {
  isUnchanged(call: Invocation): boolean;
}

/**
 * Every tag that outdates the entry of a call: each declared value, its family, the whole cache, and its owner.
 *
 * @throws {InvalidTagError} when a family answers with what cannot be a value
 */
export function tagsOf({ policy, subject, args }: Invocation): TagList {
  const values = policy.tags.flatMap(({ family, valuesOf }) =>
    tagValuesOf(valuesOf(...args), family, policy.place).map((value) => valueTag(family, value)),
  );

  return { common: policy.commonTags, own: [...subject.tags, ...values] };
}
