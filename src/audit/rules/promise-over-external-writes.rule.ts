import { externalFamilies, promisedOverExternalWrites } from '../../catalogue/external-writes.js';
import type { AuditRule } from '../audit-rule.js';

/** One cache that says that its family is written past the application says so for every cache of that family. */
export const promiseOverExternalWrites: AuditRule = ({ policies, fedFamilies }) => {
  const external = externalFamilies(policies, fedFamilies);

  return policies.flatMap((policy) => promisedOverExternalWrites(policy, external));
};
