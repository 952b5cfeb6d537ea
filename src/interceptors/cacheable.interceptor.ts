import type { OriginCall } from '../engine/invocation.js';
import type { ReadAnswers } from '../engine/read-answers.js';
import type { ReadThrough } from '../engine/read-through.js';
import type { InvocationFactory } from './invocation-factory.js';

/** What stands between the caller of a `@Cacheable` method and the method. */
export class CacheableInterceptor {
  constructor(
    private readonly invocations: InvocationFactory,
    private readonly reads: ReadThrough,
    private readonly answers: ReadAnswers,
  ) {}

  /** @throws {MissingCallerError} when the policy says `onMissingUser: 'throw'` and nobody is known */
  intercept(call: OriginCall): Promise<unknown> {
    try {
      const answer = this.answer(call);
      return answer instanceof Promise ? answer : Promise.resolve(answer);
    } catch (error) {
      this.answers.unanswered(call.policy);
      // The caller of an asynchronous method never sees a synchronous error.
      return Promise.reject(error);
    }
  }

  private answer(call: OriginCall): unknown {
    const { policy, args } = call;
    if (policy.condition?.(...args) === false) return this.answers.bypassed(call, 'condition');

    const invocation = this.invocations.create(call);
    if (!('refusal' in invocation)) return this.reads.read(invocation);
    const { refusal, error } = invocation;
    if (refusal === 'caller-missing' && policy.onMissingUser === 'throw') throw error as Error;

    return this.answers.refused(call, refusal, error);
  }
}
