import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { AuditFault, AuditFinding } from './audit-rule.js';

/** From what would show one user's data to another, over what would serve stale data, to what is merely unfinished. */
const WORST_FIRST: readonly AuditFault[] = [
  'user-scope-without-key',
  'shared-from-request-scope',
  'shared-from-request-parameter',
  'unsupported-level',
  'external-writes',
  'strong-without-eviction',
  'tag-known-too-late',
  'nothing-to-evict',
  'contradiction',
  'seconds-for-milliseconds',
  'missing-declaration',
  'invalid-option',
  'unknown-option',
];

/** The application does not start, and why: every finding, worst first. */
export class AuditFailedError extends ConsistentCacheError {
  readonly #findings: readonly AuditFinding[];

  constructor(findings: readonly AuditFinding[]) {
    const ordered = worstFirst(findings);
    const count = ordered.length === 1 ? 'one reason' : `${ordered.length} reasons`;
    super({
      code: 'AUDIT_FAILED',
      what: `The application does not start, for ${count}:\n${ordered.map(lineOf).join('.\n')}`,
      fix: 'Mend each where it is declared',
    });
    this.#findings = ordered;
  }

  /** Every finding, worst first. */
  get findings(): readonly AuditFinding[] {
    return this.#findings;
  }
}

/** The findings in the order in which they should be mended. */
export function worstFirst(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  return [...findings].sort((a, b) => WORST_FIRST.indexOf(a.fault) - WORST_FIRST.indexOf(b.fault));
}

function lineOf({ fault, place, what, fix }: AuditFinding, index: number): string {
  return `  ${index + 1}. [${fault}] ${place}: ${what}.\n     ${fix}`;
}
