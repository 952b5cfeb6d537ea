import type { StaleTolerancePolicy } from '../policy/stale-tolerance.js';
import { declareOnMethod } from './method-trampoline.js';

/**
 * Says how stale a value may be, and why that is acceptable.
 *
 * On a cached method it is the policy's bound. On any other method or handler it tightens every cached read below it, for
 * that call; the tightest of several wins, and nobody can loosen.
 *
 * @see docs/reference/decorators.md
 */
export function StaleTolerance(tolerance: StaleTolerancePolicy): MethodDecorator {
  return (target, name, descriptor) => {
    declareOnMethod('@StaleTolerance', target, name, descriptor, ({ tolerances }) => {
      tolerances.push(tolerance);
    });
  };
}
