import { familiesOf } from '../../policy/resolved-policy.js';
import type { AuditRule } from '../audit-rule.js';

/** A strong cache that no write outdates promises what nothing keeps. */
export const strongWithoutEviction: AuditRule = ({ methods, policies }) => {
  const evictions = methods.flatMap(({ plan }) => plan.evictions);
  const evictedFamilies = new Set(evictions.flatMap(familiesOf));
  const evictedCaches = new Set(evictions.flatMap(({ caches }) => caches));
  const usersAreEvicted = evictions.some(({ user }) => user !== undefined);

  return policies
    .filter(({ consistency }) => consistency === 'strong' || consistency === 'linearizable')
    .filter(({ name, scope, tags, evictedElsewhere }) => {
      return (
        evictedElsewhere === undefined &&
        !evictedCaches.has(name) &&
        !(scope === 'user' && usersAreEvicted) &&
        !tags.some(({ family }) => evictedFamilies.has(family))
      );
    })
    .map(({ consistency, place, tags }) => ({
      fault: 'strong-without-eviction' as const,
      place,
      what: `${consistency} promises that acknowledged writes are seen, but no @CacheEvict names ${tags.length === 0 ? 'it, and it has no tags' : `its families (${tags.map(({ family }) => family).join(', ')})`}`,
      fix: "Add @CacheEvict to the methods that write it, or say in evictedElsewhere: '…' what evicts it",
    }));
};
