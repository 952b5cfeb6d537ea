import type { EvictPolicy } from '../policy/evict-policy.js';
import { declareOnMethod } from './method-trampoline.js';
import type { AsyncMethod, Fits, ResultOf } from './method-types.js';

/** What {@link CacheEvict} returns: a decorator for the methods that the policy fits. */
export type CacheEvictDecorator<Policy> = <M extends AsyncMethod>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & Fits<Policy, EvictPolicy<Parameters<M>, ResultOf<M>>>,
) => void;

/**
 * Outdates what a write changes. Several may stand on one method.
 *
 * By default it runs when the method has succeeded and before its caller is answered, so a caller that has its answer
 * finds the new value in every strong read that follows.
 *
 * @throws {EvictionFailedError} from the decorated method, when the eviction could not be confirmed
 * @example
 * ```ts
 * @CacheEvict({ tags: { product: (sku: string) => sku } })
 * async changePrice(sku: string, amount: Money): Promise<void> { … }
 * ```
 * @see docs/reference/decorators.md
 */
export function CacheEvict<const Policy extends EvictPolicy>(policy: Policy): CacheEvictDecorator<Policy> {
  return (target, name, descriptor) => {
    declareOnMethod('@CacheEvict', target, name, descriptor, ({ evictions }) => {
      evictions.push(policy);
    });
  };
}
