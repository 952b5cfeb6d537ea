import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** Which fault a declaration has; an audit finding is named for it. */
export type PolicyFault =
  | 'unsupported-level'
  | 'external-writes'
  | 'contradiction'
  | 'missing-declaration'
  | 'unknown-option'
  | 'invalid-option'
  | 'seconds-for-milliseconds'
  | 'user-scope-without-key';

/** One thing that is wrong with a declaration. */
export interface PolicyProblem {
  readonly fault: PolicyFault;
  readonly place: string;
  /** A sentence without its full stop. */
  readonly what: string;
  /** A sentence without its full stop. */
  readonly fix: string;
}

/** A declaration that cannot be kept as it stands. */
export class InvalidPolicyError extends ConsistentCacheError {
  readonly #problems: readonly PolicyProblem[];

  constructor(problems: readonly [PolicyProblem, ...PolicyProblem[]]) {
    super({
      code: 'POLICY_INVALID',
      what: problems.map(({ what }) => what).join('; '),
      where: problems[0].place,
      fix: problems.map(({ fix }) => fix).join('; '),
    });
    this.#problems = problems;
  }

  /** Everything that is wrong with the declaration. */
  get problems(): readonly PolicyProblem[] {
    return this.#problems;
  }
}
