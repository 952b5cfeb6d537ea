import { AuditFailedError } from './audit-report.js';
import type { AuditRule, AuditSubject } from './audit-rule.js';
import { degradeWithoutAnnouncement } from './rules/degrade-without-announcement.rule.js';
import { nothingToEvict } from './rules/nothing-to-evict.rule.js';
import { sharedFromRequestParameter } from './rules/shared-from-request-parameter.rule.js';
import { promiseOverExternalWrites } from './rules/promise-over-external-writes.rule.js';
import { sharedFromRequestScope } from './rules/shared-from-request-scope.rule.js';
import { strongWithoutEviction } from './rules/strong-without-eviction.rule.js';
import { tagKnownTooLate } from './rules/tag-known-too-late.rule.js';
import { warmUpWithoutInstance } from './rules/warm-up-without-instance.rule.js';

const RULES: readonly AuditRule[] = [
  sharedFromRequestScope,
  sharedFromRequestParameter,
  promiseOverExternalWrites,
  strongWithoutEviction,
  nothingToEvict,
  tagKnownTooLate,
  degradeWithoutAnnouncement,
  warmUpWithoutInstance,
];

/**
 * Gathers what is wrong with single declarations, and runs every rule over all of them.
 *
 * @throws {AuditFailedError} with all findings when there is one
 */
export function auditDeclarations(subject: AuditSubject): void {
  const findings = [...subject.problems, ...RULES.flatMap((rule) => rule(subject))];
  if (findings.length > 0) throw new AuditFailedError(findings);
}
