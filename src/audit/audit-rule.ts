import type { PlannedMethod } from '../catalogue/method-plan.js';
import type { PolicyFault, PolicyProblem } from '../policy/policy.errors.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';

/** Everything that a rule may look at. */
export interface AuditSubject {
  readonly methods: readonly AuditedMethod[];
  /** What each declaration contradicts, leaves out or misspells, found when it was resolved. */
  readonly problems: readonly PolicyProblem[];
  /** Every declared cache, those without a decorator too. */
  readonly policies: readonly ResolvedPolicy[];
  /** The families of which a feed tells what is written past the application. */
  readonly fedFamilies: readonly string[];
}

export interface AuditedMethod extends PlannedMethod {
  /** The class is made anew for each request, or depends on something that is. */
  readonly requestScoped: boolean;
  /** What the method takes from a request that may tell who sent it. */
  readonly requestParameters: readonly string[];
}

/** What is wrong: a fault of one declaration, or one that shows only beside the others. */
export type AuditFault =
  | PolicyFault
  | 'shared-from-request-scope'
  | 'shared-from-request-parameter'
  | 'strong-without-eviction'
  | 'tag-known-too-late'
  | 'nothing-to-evict';

/** One reason not to start. */
export interface AuditFinding {
  readonly fault: AuditFault;
  readonly place: string;
  /** A sentence without its full stop. */
  readonly what: string;
  /** A sentence without its full stop. */
  readonly fix: string;
}

/** A rule is pure: it can be read and tested with no application in the room. */
export type AuditRule = (subject: AuditSubject) => readonly AuditFinding[];
