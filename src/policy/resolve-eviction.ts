import type { EvictPolicy } from './evict-policy.js';
import { POLICY_DEFAULTS } from './policy.defaults.js';
import { ProblemReport } from './problem-report.js';
import type { Resolution } from './problem-report.js';
import { familiesOf, familyTagsOf } from './resolved-policy.js';
import type { ResolvedEviction } from './resolved-policy.js';

/** Fills the defaults of one `@CacheEvict`, and finds what cannot be kept. */
export function resolveEviction(policy: EvictPolicy, place: string): Resolution<ResolvedEviction> {
  const report = new ProblemReport(place);
  report.unknownOptions(policy, EVICT_OPTIONS);
  const { when = POLICY_DEFAULTS.when } = policy;
  report.oneOf('when', when, ['after', 'before']);
  if (policy.returns !== undefined) report.oneOf('returns', policy.returns, ['promise', 'observable']);
  report.functions(policy, ['user', 'condition']);
  report.functionsOf('tags', policy.tags);
  report.functionsOf('tagsOfResult', policy.tagsOfResult);
  if (policy.degrade !== undefined) report.reason('degrade', (policy.degrade as { because?: unknown } | null)?.because);
  const families = report.texts('families', policy.families);
  const caches = report.texts('caches', policy.caches);

  const eviction: ResolvedEviction = {
    place,
    tags: familyTagsOf(policy.tags),
    tagsOfResult: Object.entries(policy.tagsOfResult ?? {}).map(([family, valuesOf]) => ({
      family,
      valuesOf: valuesOf as ResolvedEviction['tagsOfResult'][number]['valuesOf'],
    })),
    families,
    caches,
    user: policy.user as ResolvedEviction['user'],
    when,
    degrade: policy.degrade?.because,
    condition: policy.condition as ResolvedEviction['condition'],
  };
  if (familiesOf(eviction).length === 0 && caches.length === 0 && policy.user === undefined) {
    report.add('missing-declaration', 'nothing is evicted', 'Name tags, families, caches or user');
  }
  if (when === 'before' && eviction.tagsOfResult.length > 0) {
    report.add(
      'contradiction',
      'tagsOfResult needs the result, but the eviction runs before the method',
      "Declare when: 'after'",
    );
  }

  return report.conclude(eviction);
}

const EVICT_OPTIONS: Readonly<Record<keyof EvictPolicy, true>> = {
  tags: true,
  tagsOfResult: true,
  families: true,
  caches: true,
  user: true,
  when: true,
  degrade: true,
  condition: true,
  returns: true,
};
