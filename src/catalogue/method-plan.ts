import { supportOf } from '../consistency/level-support.js';
import type { StoreCapabilities, Topology } from '../coordination/capabilities.js';
import type { HostClass, MethodDeclaration } from '../decorators/declaration-metadata.js';
import { classDefaultsOf, declarationsOf } from '../decorators/declaration-metadata.js';
import type { ModuleDefaults } from '../policy/resolve-policy.js';
import { resolvePolicy } from '../policy/resolve-policy.js';
import type { PolicyProblem } from '../policy/policy.errors.js';
import { resolveEviction } from '../policy/resolve-eviction.js';
import { resolveNoCache, resolveTightening } from '../policy/resolve-tolerance.js';
import type { ResolvedEviction, ResolvedPolicy } from '../policy/resolved-policy.js';

/** What one declared method does on the instances of one class, with nothing left to work out at a call. */
export interface MethodPlan {
  readonly declaration: MethodDeclaration;
  /** The class of the instances; a subclass of the declaring class has plans, and entries, of its own. */
  readonly host: HostClass;
  /** `Class.method`, for names and messages. */
  readonly place: string;
  readonly cached: ResolvedPolicy | undefined;
  readonly evictions: readonly ResolvedEviction[];
  /** What the method demands of the cached reads below it, in ms; undefined when it demands nothing. */
  readonly tightensToMs: number | undefined;
  /** Why the result may be stored nowhere; undefined when it may. */
  readonly noCacheBecause: string | undefined;
  readonly returns: 'promise' | 'observable';
}

/** A plan, and what is wrong with the declarations that it was made from; with problems it must not be run. */
export interface PlannedMethod {
  readonly plan: MethodPlan;
  readonly problems: readonly PolicyProblem[];
}

/** What the module knows that policies depend on. */
export interface PlanningContext {
  readonly moduleDefaults: ModuleDefaults;
  readonly identityKnown: boolean;
  readonly origins: ReadonlySet<string>;
  readonly capabilities: StoreCapabilities;
  readonly topology: Topology;
  /** The families of which a feed tells what is written past the application. */
  readonly fedFamilies: readonly string[];
}

/** A level that this store, in this topology, cannot keep. */
export function unsupportedLevel(
  { consistency, place }: ResolvedPolicy,
  { capabilities, topology }: PlanningContext,
): readonly PolicyProblem[] {
  const support = supportOf(consistency, capabilities, topology);

  return support.supported ? [] : [{ fault: 'unsupported-level', place, what: support.missing, fix: support.fix }];
}

/** Works out what a declaration means for the instances of one class. */
export function planMethod(declaration: MethodDeclaration, host: HostClass, context: PlanningContext): PlannedMethod {
  const place = placeOf(declaration, host);
  const { cacheables, tolerances, evictions, noCaches, answersWithObservable } = declaration;
  const [policy] = cacheables;
  const [tolerance] = tolerances;
  const [noCache] = noCaches;

  const cached =
    policy &&
    resolvePolicy({
      policy,
      tolerance,
      classDefaults: classDefaultsOf(declaration.declaringClass),
      defaultName: place,
      place: `@Cacheable on ${place}`,
      answersWithObservable,
      ...context,
    });
  const evicts = evictions.map((eviction) => resolveEviction(eviction, `@CacheEvict on ${place}`));
  const tightening =
    policy === undefined && tolerance ? resolveTightening(tolerance, `@StaleTolerance on ${place}`) : undefined;
  const never = noCache && resolveNoCache(noCache, `@NoCache on ${place}`);
  const declaredReturns = policy?.returns ?? evictions.find(({ returns }) => returns !== undefined)?.returns;

  return {
    plan: {
      declaration,
      host,
      place,
      cached: cached?.resolved,
      evictions: evicts.map(({ resolved }) => resolved),
      tightensToMs: tightening?.resolved,
      noCacheBecause: never?.resolved.because,
      returns: declaredReturns ?? (answersWithObservable ? 'observable' : 'promise'),
    },
    problems: [
      ...(cached?.problems ?? []),
      ...(cached === undefined ? [] : unsupportedLevel(cached.resolved, context)),
      ...evicts.flatMap(({ problems }) => problems),
      ...(tightening?.problems ?? []),
      ...(never?.problems ?? []),
      ...conflictsWithin(declaration, place),
    ],
  };
}

/** An inherited method that a subclass overrides is reached through `super`, and must not share the override's name. */
function placeOf(declaration: MethodDeclaration, host: HostClass): string {
  const { declaringClass, methodName } = declaration;
  const nearest = declarationsOf(host.prototype as object).find((each) => each.methodName === methodName);

  return nearest === declaration || nearest === undefined
    ? `${host.name}.${methodName}`
    : `${host.name}(${declaringClass.name}).${methodName}`;
}

/** Decorators on one method that cannot both hold. */
function conflictsWithin(
  { cacheables, evictions, tolerances, noCaches }: MethodDeclaration,
  place: string,
): PolicyProblem[] {
  const conflicts: PolicyProblem[] = [];
  const conflict = (what: string, fix: string): void => {
    conflicts.push({ fault: 'contradiction', place, what, fix });
  };
  if (cacheables.length > 1) conflict(`@Cacheable stands ${cacheables.length} times on one method`, 'Keep one of them');
  if (tolerances.length > 1)
    conflict(`@StaleTolerance stands ${tolerances.length} times on one method`, 'Keep the tightest');
  if (cacheables.length > 0 && noCaches.length > 0) {
    conflict('@Cacheable and @NoCache contradict each other', 'Remove one of them');
  }
  if (cacheables.length > 0 && evictions.length > 0) {
    conflict(
      '@Cacheable and @CacheEvict stand on one method, so a hit would evict nothing',
      'Move the write to a method of its own',
    );
  }

  return conflicts;
}
