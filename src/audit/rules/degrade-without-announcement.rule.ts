import { familiesOf } from '../../policy/resolved-policy.js';
import type { AuditRule } from '../audit-rule.js';

/** Only the writes of linearizable caches are announced, so on any other write `degrade` declares nothing. */
export const degradeWithoutAnnouncement: AuditRule = ({ methods, policies }) => {
  const linearizable = policies.filter(({ consistency }) => consistency === 'linearizable');
  const families = new Set(linearizable.flatMap(({ tags }) => tags.map(({ family }) => family)));
  const names = new Set(linearizable.map(({ name }) => name));
  const ofUsers = linearizable.some(({ scope }) => scope === 'user');

  return methods.flatMap(({ plan }) =>
    plan.evictions
      .filter((eviction) => eviction.degrade !== undefined)
      .filter(
        (eviction) =>
          !familiesOf(eviction).some((family) => families.has(family)) &&
          !eviction.caches.some((name) => names.has(name)) &&
          !(ofUsers && eviction.user !== undefined),
      )
      .map(({ place }) => ({
        fault: 'contradiction' as const,
        place,
        what: 'degrade says what to do when a linearizable write cannot be announced, but this evicts no linearizable cache',
        fix: 'Remove degrade',
      })),
  );
};
