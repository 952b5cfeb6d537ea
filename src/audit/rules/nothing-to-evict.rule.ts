import { familiesOf } from '../../policy/resolved-policy.js';
import type { AuditFinding, AuditRule } from '../audit-rule.js';

/** An eviction, or a feed, that names a family or a cache that does not exist: a misspelling that would go unnoticed for ever. */
export const nothingToEvict: AuditRule = ({ methods, policies, fedFamilies }) => {
  const families = [...new Set(policies.flatMap(({ tags }) => tags.map(({ family }) => family)))];
  const caches = policies.map(({ name }) => name);
  const finding = (place: string, kind: string, name: string, known: readonly string[]): AuditFinding => ({
    fault: 'nothing-to-evict',
    place,
    what: `no cache has the ${kind} '${name}', so this evicts nothing`,
    fix:
      known.length === 0
        ? `No cache declares a ${kind}: remove the eviction`
        : `Name ${known.map((each) => `'${each}'`).join(' or ')}, or remove it`,
  });

  const evictions = methods.flatMap(({ plan }) => plan.evictions);

  return [
    ...fedFamilies
      .filter((family) => !families.includes(family))
      .map((family) => finding('externalWrites of ConsistentCacheModule', 'family', family, families)),
    ...evictions.flatMap((eviction) => [
      ...familiesOf(eviction)
        .filter((family) => !families.includes(family))
        .map((family) => finding(eviction.place, 'family', family, families)),
      ...eviction.caches
        .filter((cache) => !caches.includes(cache))
        .map((cache) => finding(eviction.place, 'name', cache, caches)),
    ]),
  ];
};
