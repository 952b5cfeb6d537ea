import { LEVELS } from '../policy/consistency-level.js';
import type { PolicyProblem } from '../policy/policy.errors.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** The families that are written past the application: what a feed tells of, and what policies say. */
export function externalFamilies(
  policies: readonly ResolvedPolicy[],
  fedFamilies: readonly string[],
): ReadonlySet<string> {
  const declared = policies.filter(({ writtenExternally }) => writtenExternally);

  return new Set([...fedFamilies, ...declared.flatMap(({ tags }) => tags.map(({ family }) => family))]);
}

/** A promise that acknowledged writes are seen, of data whose writers are acknowledged before anybody here is told. */
export function promisedOverExternalWrites(
  { consistency, place, tags, writtenExternally }: ResolvedPolicy,
  external: ReadonlySet<string>,
): readonly PolicyProblem[] {
  if (!LEVELS[consistency].seesWrites) return [];
  const families = tags.map(({ family }) => family).filter((family) => external.has(family));
  if (families.length === 0 && !writtenExternally) return [];
  const data = families.length === 0 ? 'its data' : families.map((family) => `'${family}'`).join(' and ');

  return [
    {
      fault: 'external-writes',
      place,
      what: `${consistency} promises that acknowledged writes are seen, but ${data} is written past the application, by writers who are acknowledged before anything can be evicted`,
      fix: "Declare consistency: 'bounded' with a @StaleTolerance, the nearest level that holds whoever writes, or let every write go through @CacheEvict",
    },
  ];
}
