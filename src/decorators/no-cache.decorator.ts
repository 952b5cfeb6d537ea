import type { NoCachePolicy } from '../policy/stale-tolerance.js';
import { declareOnMethod } from './method-trampoline.js';

/**
 * Says that a result may be stored at no layer: not here, not in a cached method that calls this one while loading, not
 * in a browser or proxy.
 *
 * @see docs/reference/decorators.md
 */
export function NoCache(policy: NoCachePolicy): MethodDecorator {
  return (target, name, descriptor) => {
    declareOnMethod('@NoCache', target, name, descriptor, ({ noCaches }) => {
      noCaches.push(policy);
    });
  };
}
