import { InvalidTagError } from './entry.errors.js';
import { kindOf } from './value-walk.js';

/**
 * What names one thing within a family. `1`, `'1'` and `1n` are the same thing: a write that has the id as text, from a path
 * parameter, must evict what a read cached under the number. To evict too much is safe, too little is not.
 */
export type TagValue = string | number | bigint;
export type TagValues = TagValue | readonly TagValue[];

/** The tag of one value of a family, such as the product `sku-1`. */
export function valueTag(family: string, value: TagValue): string {
  return `v${family.length}:${family}:${value}`;
}

/** The tag that every entry of a family carries. */
export function familyTag(family: string): string {
  return `f${family}`;
}

/** The tag that every entry of a cache (a policy's name) carries. */
export function cacheTag(name: string): string {
  return `c${name}`;
}

/** The tag that every entry of a user carries; the digest stands for the user. */
export function userTag(digest: string): string {
  return `u${digest}`;
}

/** The tag that every entry of a tenant carries; the digest stands for the tenant. */
export function tenantTag(digest: string): string {
  return `t${digest}`;
}

/**
 * What a `tags` function returned, as a list without repetitions. An empty array stays empty: no value of that family.
 *
 * @throws {InvalidTagError} for undefined, null, NaN, an infinite number, or anything else that is not a {@link TagValue}
 */
export function tagValuesOf(values: unknown, family: string, place: string): readonly TagValue[] {
  if (!Array.isArray(values)) return [checked(values, family, place)];
  const all: readonly unknown[] = values;
  if (all.length === 1) return [checked(all[0], family, place)];

  // By their text, as a tag counts them.
  return [...new Map(Array.from(all, (value) => [String(value), checked(value, family, place)])).values()];
}

function checked(value: unknown, family: string, place: string): TagValue {
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;

  throw new InvalidTagError(family, kindOf(value), place);
}
