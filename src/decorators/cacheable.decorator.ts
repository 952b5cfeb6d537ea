import type { AnyCacheablePolicy, CacheablePolicy } from '../policy/cacheable-policy.js';
import { declareOnMethod } from './method-trampoline.js';
import type { AsyncMethod, Fits, ResultOf } from './method-types.js';

/** What {@link Cacheable} returns: a decorator for the methods that the policy fits. */
export type CacheableDecorator<Policy> = <M extends AsyncMethod>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & Fits<Policy, CacheablePolicy<Parameters<M>, ResultOf<M>>>,
) => void;

/**
 * Caches the results of a method under a declared consistency level.
 *
 * The method must return a Promise or an Observable. The argument types of `key`, `tags`, `userKey`, `tenantKey`,
 * `condition` and `unless` are checked against the method's. What contradicts itself, or what the store cannot keep,
 * stops the application at start-up.
 *
 * @example
 * ```ts
 * @Cacheable({ consistency: 'bounded', scope: 'shared', owner: 'pricing', tags: { product: (sku: string) => sku } })
 * @StaleTolerance({ max: '5s', because: 'prices may lag 5 s; agreed with Pricing' })
 * priceOf(sku: string): Promise<Price> { … }
 * ```
 * @see docs/reference/decorators.md
 */
export function Cacheable<const Policy extends AnyCacheablePolicy>(policy: Policy): CacheableDecorator<Policy> {
  return (target, name, descriptor) => {
    declareOnMethod('@Cacheable', target, name, descriptor, ({ cacheables }) => {
      cacheables.push(policy);
    });
  };
}
