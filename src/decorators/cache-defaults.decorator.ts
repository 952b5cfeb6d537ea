import type { CacheableDefaults } from '../policy/cacheable-policy.js';
import { declareClassDefaults } from './declaration-metadata.js';

/**
 * Sets owner, level, scope and the like for every `@Cacheable` method of a class. Nothing is cached merely by being in it.
 *
 * @see docs/reference/decorators.md
 */
export function CacheDefaults(defaults: CacheableDefaults): ClassDecorator {
  return (target) => {
    declareClassDefaults(target, defaults);
  };
}
