import { familiesOf } from '../../policy/resolved-policy.js';
import type { ResolvedEviction, ResolvedPolicy } from '../../policy/resolved-policy.js';
import type { AuditRule } from '../audit-rule.js';

/** A strong cache that no write outdates promises what nothing keeps. */
export const strongWithoutEviction: AuditRule = ({ methods, policies }) => {
  const evictions = methods.flatMap(({ plan }) => plan.evictions);
  // Before the method alone, a read in between stores the old value again; an announced write is evicted after it in any case.
  const afterwards = evictions.filter(({ when }) => when === 'after');

  return policies
    .filter(({ consistency }) => consistency === 'strong' || consistency === 'linearizable')
    .filter((policy) => policy.evictedElsewhere === undefined)
    .filter((policy) => {
      return !(policy.consistency === 'strong' ? afterwards : evictions).some((eviction) => outdates(eviction, policy));
    })
    .map((policy) => ({
      fault: 'strong-without-eviction' as const,
      place: policy.place,
      what: `${policy.consistency} promises that acknowledged writes are seen, but ${reasonFor(policy, evictions)}`,
      fix: "Add @CacheEvict to the methods that write it, or say in evictedElsewhere: '…' what evicts it",
    }));
};

function outdates(eviction: ResolvedEviction, { name, scope, tags }: ResolvedPolicy): boolean {
  const families = familiesOf(eviction);

  return (
    eviction.caches.includes(name) ||
    (scope === 'user' && eviction.user !== undefined) ||
    tags.some(({ family }) => families.includes(family))
  );
}

function reasonFor(policy: ResolvedPolicy, evictions: readonly ResolvedEviction[]): string {
  if (evictions.some((eviction) => outdates(eviction, policy)))
    return "it is evicted only before its writes (when: 'before')";
  if (policy.tags.length === 0) return 'no @CacheEvict names it, and it has no tags';

  return `no @CacheEvict names its families (${policy.tags.map(({ family }) => family).join(', ')})`;
}
