import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { CallerKey } from '../policy/cacheable-policy.js';

/** Who is calling, as far as the application knows. */
export interface Caller {
  readonly user?: string | number | undefined;
  readonly tenant?: string | number | undefined;
}

/** Nobody is known to whom the result of a user- or tenant-scoped method would belong. */
export class MissingCallerError extends ConsistentCacheError {
  constructor(scope: 'user' | 'tenant', place: string) {
    super({
      code: 'CALLER_MISSING',
      what: `scope '${scope}' needs to know whose data it is, and this call does not say`,
      where: place,
      fix: `Call it where the module's identity knows the ${scope}, run it in CallerContext.runAs, or declare ${scope}Key`,
    });
  }
}

/** An id that is empty or not a number is nobody's. */
export function knownId(id: CallerKey): string | number | undefined {
  if (id === null || id === undefined || id === '') return undefined;

  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) ? id : undefined;
}
