import type { CallScope, CallScopes, HeldPlace } from '../context/call-scope.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { isOriginFailure } from '../policy/origin-failure.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';
import { OriginGuard } from '../resilience/origin-guard.js';
import type { ResolvedOrigin } from '../resilience/origin-options.js';
import type { LoadSignal } from '../resilience/load-signal.js';
import type { Clock } from '../time/clock.js';
import type { OriginCall } from './invocation.js';
import { settle } from './origin-result.js';

/**
 * Calls the decorated method itself, behind whatever guards its origin: the limits of its policy first, then those of the origin
 * that the policy names, then the deadline.
 *
 * Invariant: whoever goes to a guarded origin goes through here, whether or not a cache could be used.
 */
export class OriginCaller {
  private readonly named: ReadonlyMap<string, OriginGuard>;
  private readonly guards = new WeakMap<ResolvedPolicy, readonly OriginGuard[]>();
  private readonly unguarded: OriginGuard;

  constructor(
    private readonly scopes: CallScopes,
    origins: readonly ResolvedOrigin[],
    private readonly clock: Clock,
    private readonly events: CacheEvents,
  ) {
    this.unguarded = this.guardOf({ name: 'of no name', limit: undefined, breaker: undefined }, isOriginFailure);
    this.named = new Map(origins.map((origin) => [origin.name, this.guardOf(origin, isOriginFailure)]));
  }

  /**
   * @param leaving aborted when nobody waits for the answer any more
   * @throws {OriginSuspendedError} @throws {OriginOverloadedError} without calling the method
   * @throws {LoadTimedOutError}
   */
  call({ policy, instance, args, method }: OriginCall, leaving?: AbortSignal): unknown {
    const work = (): unknown => settle(method.apply(instance, args as unknown[]), policy.returns, policy.place);
    const guards = this.guardsOf(policy);
    if (guards.length === 0 && policy.load.deadlineMs === Infinity && leaving === undefined) return work();

    return this.guarded(policy, guards, leaving, work);
  }

  private guarded(
    policy: ResolvedPolicy,
    guards: readonly OriginGuard[],
    leaving: AbortSignal | undefined,
    work: () => unknown,
  ): unknown {
    const { place } = policy;
    const { isFailure } = policy.load;
    const { held } = this.scopes.current();
    // A load within a load has its slot already: waiting for another, it could wait for the one that waits for it.
    const asked = guards.filter((guard) => !holds(held, guard));
    const places = asked.map((guard): HeldPlace => ({ guard, isOver: false }));
    const [outer = this.unguarded, inner] = asked;
    const deadlineMs = policy.load.deadlineMs === Infinity ? undefined : policy.load.deadlineMs;
    const within = (load: LoadSignal): unknown => this.scopes.within({ load, held: [...held, ...places] }, work);
    const answer =
      inner === undefined
        ? outer.run(within, { place, deadlineMs, signal: leaving, isFailure })
        : outer.run((load) => inner.run(within, { place, deadlineMs, signal: leaving && load.signal, isFailure }), {
            place,
            deadlineMs: undefined,
            signal: leaving,
            isFailure,
          });
    if (places.length > 0) whenOver(answer, places);

    return answer;
  }

  /** Whether a load around this one has a place behind one of its guards. */
  hasPlaceFor(policy: ResolvedPolicy, { held }: CallScope): boolean {
    return held.length > 0 && this.guardsOf(policy).some((guard) => holds(held, guard));
  }

  private guardsOf(policy: ResolvedPolicy): readonly OriginGuard[] {
    let guards = this.guards.get(policy);
    if (guards === undefined) {
      const { limits, origin, isFailure } = policy.load;
      const own = limits && this.guardOf({ ...limits, name: policy.name }, isFailure);
      const shared = origin === undefined ? undefined : this.named.get(origin);
      guards = [own, shared].filter((guard) => guard !== undefined);
      this.guards.set(policy, guards);
    }

    return guards;
  }

  private guardOf(origin: ResolvedOrigin, isFailure: (error: unknown) => boolean): OriginGuard {
    return new OriginGuard({
      ...origin,
      clock: this.clock,
      isFailure,
      onSuspended: (cause) => {
        this.events.publish({ type: 'origin-suspended', origin: origin.name, cause });
      },
      onResumed: (suspendedMs) => {
        this.events.publish({ type: 'origin-resumed', origin: origin.name, suspendedMs });
      },
    });
  }
}

function holds(held: readonly HeldPlace[], guard: OriginGuard): boolean {
  return held.some((place) => place.guard === guard && !place.isOver);
}

function whenOver(answer: unknown, places: readonly HeldPlace[]): void {
  const end = (): void => {
    for (const place of places) place.isOver = true;
  };
  if (answer instanceof Promise) answer.then(end, end);
  else end();
}
