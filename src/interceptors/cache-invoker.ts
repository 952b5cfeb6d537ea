import { defer, from, isObservable, mergeMap, Observable } from 'rxjs';
import type { CacheCatalogue } from '../catalogue/cache-catalogue.js';
import type { MethodPlan } from '../catalogue/method-plan.js';
import type { CallScopes } from '../context/call-scope.js';
import type { HostClass, MethodDeclaration } from '../decorators/declaration-metadata.js';
import type { MethodInvoker } from '../decorators/method-trampoline.js';
import type { CacheEvents } from '../observability/event-channel.js';
import type { Demand } from '../policy/demand.js';
import type { CacheEvictInterceptor } from './cache-evict.interceptor.js';
import type { CacheableInterceptor } from './cacheable.interceptor.js';

/** What the trampolines of one application call: finds the plan of the method and sends the call through it. */
export class CacheInvoker implements MethodInvoker {
  constructor(
    private readonly catalogue: CacheCatalogue,
    private readonly cacheable: CacheableInterceptor,
    private readonly cacheEvict: CacheEvictInterceptor,
    private readonly scopes: CallScopes,
    private readonly events: CacheEvents,
  ) {}

  invoke(declaration: MethodDeclaration, instance: object, args: readonly unknown[]): unknown {
    const plan = this.catalogue.planOf(declaration, instance.constructor as HostClass);
    const { cached: policy } = plan;
    if (policy === undefined) return this.around(plan, instance, args);

    const call = { policy, instance, args, method: declaration.method };
    return policy.returns === 'promise' ? this.cacheable.intercept(call) : replay(() => this.cacheable.intercept(call));
  }

  /** A method that is not cached itself: it may demand, forbid or evict. */
  private around(plan: MethodPlan, instance: object, args: readonly unknown[]): unknown {
    const method = (): unknown => plan.declaration.method.apply(instance, args as unknown[]);
    const run = (): unknown => {
      if (plan.noCacheBecause !== undefined) this.forbidStoring(plan.place);

      return plan.tightensToMs === undefined ? method() : this.demanding(plan.tightensToMs, method);
    };
    if (plan.evictions.length === 0) return run();
    const evicting = (): Promise<unknown> => this.cacheEvict.intercept(plan, args, run);

    return plan.returns === 'promise' ? evicting() : replay(evicting);
  }

  private forbidStoring(place: string): void {
    const { trace, reads } = this.scopes.current();
    trace?.mark('no-cache-read');
    reads?.add({ policy: place, scope: 'shared', outcome: 'bypass', ageMs: 0, freshForMs: 0, noStore: true });
    this.events.publish({ type: 'read-bypassed', policy: place, because: 'no-cache' });
  }

  /** An Observable works when it is subscribed to, so the demand must hold then as well. */
  private demanding(maxStalenessMs: number, method: () => unknown): unknown {
    const demand: Demand = { maxStalenessMs, guarantee: 'any' };
    const result = this.scopes.demanding(demand, method);
    if (!isObservable(result)) return result;

    return new Observable((subscriber) => this.scopes.demanding(demand, () => result.subscribe(subscriber)));
  }
}

/** Emits again what an Observable emitted when it was loaded; each subscription reads anew. */
function replay(read: () => Promise<unknown>): Observable<unknown> {
  return defer(() => from(read())).pipe(mergeMap((emitted) => from(emitted as readonly unknown[])));
}
