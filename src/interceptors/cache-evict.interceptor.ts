import type { Eviction } from '../engine/eviction.js';
import { settle } from '../engine/origin-result.js';
import type { MethodPlan } from '../catalogue/method-plan.js';

/** What stands between the caller of a `@CacheEvict` method and the method. */
export class CacheEvictInterceptor {
  constructor(private readonly eviction: Eviction) {}

  /** Answers when the method has succeeded and everything that it outdates is evicted. */
  intercept(
    { evictions, returns, place }: MethodPlan,
    args: readonly unknown[],
    method: () => unknown,
  ): Promise<unknown> {
    return this.eviction.around(evictions, args, () => settle(method(), returns, place));
  }
}
