import { familyTag } from '../entry/tag.js';
import type { HostClass, MethodDeclaration } from '../decorators/declaration-metadata.js';
import type { CacheScope } from '../policy/cacheable-policy.js';
import type { ConsistencyLevel } from '../policy/consistency-level.js';
import { LEVELS } from '../policy/consistency-level.js';
import { InvalidPolicyError } from '../policy/policy.errors.js';
import type { PolicyProblem } from '../policy/policy.errors.js';
import { familiesOf } from '../policy/resolved-policy.js';
import type { ResolvedEviction, ResolvedPolicy } from '../policy/resolved-policy.js';
import { externalFamilies, promisedOverExternalWrites } from './external-writes.js';
import { planMethod, unsupportedLevel } from './method-plan.js';
import type { MethodPlan, PlannedMethod, PlanningContext } from './method-plan.js';

/** One declared cache: what it promises, who answers for it, and what evicts it. */
export interface CataloguedCache {
  readonly name: string;
  /** Where it is declared, such as `@Cacheable on PricingService.priceOf`. */
  readonly place: string;
  readonly owner: string;
  readonly consistency: ConsistencyLevel;
  /** The level's promise in one line. */
  readonly promise: string;
  readonly scope: CacheScope;
  readonly ttlMs: number;
  /** Undefined where validity does not depend on age. */
  readonly maxStalenessMs: number | undefined;
  /** Undefined when nothing stale answers for a failed origin. */
  readonly onErrorMs: number | undefined;
  /** Why that much staleness is acceptable. */
  readonly because: string | undefined;
  readonly families: readonly string[];
  /** The `@CacheEvict` declarations that outdate its entries, a feed of external writes, and what the policy says of evictions elsewhere. */
  readonly evictedBy: readonly string[];
}

/** One result that is declared to be stored nowhere. */
export interface NeverStored {
  readonly place: string;
  readonly because: string;
}

/** Every declared cache of the application, filled at start-up and by what is loaded or declared later. */
export class CacheCatalogue {
  private readonly planned = new Map<MethodDeclaration, Map<HostClass, PlannedMethod>>();
  private readonly undecorated: ResolvedPolicy[] = [];
  private readonly named = new Map<string, { policy: ResolvedPolicy; declaration: MethodDeclaration | undefined }>();
  private readonly families = new Set<string>();
  /** What linearizable caches are evicted by, asked at each write. */
  private readonly announced = { families: new Set<string>(), caches: new Set<string>(), users: false };
  /** The tags that every entry of an externally written family carries, asked at each load of a level that sees writes. */
  private readonly external: Set<string>;
  private sessions = false;
  private audited = false;

  constructor(private readonly context: PlanningContext) {
    this.external = new Set(context.fedFamilies.map(familyTag));
  }

  /** Every declared cache, by name. */
  list(): readonly CataloguedCache[] {
    const evictions = this.methods().flatMap(({ plan }) => plan.evictions);

    return this.policies()
      .map((policy): CataloguedCache => {
        const families = policy.tags.map(({ family }) => family);
        const evicting = evictions.filter(
          (eviction) =>
            eviction.caches.includes(policy.name) ||
            familiesOf(eviction).some((family) => families.includes(family)) ||
            (eviction.user !== undefined && policy.scope === 'user'),
        );
        return {
          name: policy.name,
          place: policy.place,
          owner: policy.owner,
          consistency: policy.consistency,
          promise: LEVELS[policy.consistency].promise,
          scope: policy.scope,
          ttlMs: policy.ttlMs,
          maxStalenessMs: policy.maxStalenessMs === Infinity ? undefined : policy.maxStalenessMs,
          onErrorMs: policy.onErrorMs === 0 ? undefined : policy.onErrorMs,
          because: policy.because,
          families,
          evictedBy: [
            ...evicting.map(({ place }) => place),
            ...(families.some((family) => this.context.fedFamilies.includes(family)) ? ['external writes'] : []),
            ...(policy.evictedElsewhere === undefined ? [] : [policy.evictedElsewhere]),
          ],
        };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Every result that is declared to be stored nowhere. */
  neverStored(): readonly NeverStored[] {
    return this.methods().flatMap(({ plan: { place, noCacheBecause } }) =>
      noCacheBecause === undefined ? [] : [{ place: `@NoCache on ${place}`, because: noCacheBecause }],
    );
  }

  /**
   * The plan of a declared method on the instances of a class.
   *
   * @throws {InvalidPolicyError} when its declarations cannot be kept
   * @internal
   */
  planOf(declaration: MethodDeclaration, host: HostClass): MethodPlan {
    const planned = this.planned.get(declaration)?.get(host) ?? this.enter(declaration, host);
    if (planned.problems.length > 0) throwIfAny(planned.problems);

    return planned.plan;
  }

  /** Enters a declared method, with its problems for the audit to report. @internal */
  enter(declaration: MethodDeclaration, host: HostClass): PlannedMethod {
    const known = this.planned.get(declaration)?.get(host);
    if (known !== undefined) return known;

    const { plan, problems } = planMethod(declaration, host, this.context);
    const conflicts = plan.cached === undefined ? [] : this.note(plan.cached, declaration);
    const planned = { plan, problems: [...problems, ...conflicts] };
    const byHost = this.planned.get(declaration) ?? new Map<HostClass, PlannedMethod>();
    this.planned.set(declaration, byHost.set(host, planned));

    return planned;
  }

  /**
   * Enters a cache that no decorator declares. Before the audit a level that cannot be kept waits for the audit's report.
   *
   * @throws {InvalidPolicyError}
   * @internal
   */
  enterUndecorated(policy: ResolvedPolicy): void {
    if (this.audited) throwIfAny(unsupportedLevel(policy, this.context));
    throwIfAny(this.note(policy, undefined));
    this.undecorated.push(policy);
  }

  /** Everything that is wrong with what was declared so far; what is declared later is refused where it is declared. @internal */
  problemsForAudit(): readonly PolicyProblem[] {
    this.audited = true;

    return [
      ...this.methods().flatMap(({ problems }) => problems),
      ...this.undecorated.flatMap((policy) => unsupportedLevel(policy, this.context)),
    ];
  }

  /** @internal */
  get fedFamilies(): readonly string[] {
    return this.context.fedFamilies;
  }

  /** @internal */
  hasFamily(family: string): boolean {
    return this.families.has(family);
  }

  /** @internal */
  hasCache(name: string): boolean {
    return this.named.has(name);
  }

  /** Whether a write concerns a linearizable cache. @internal */
  needsAnnouncement(eviction: ResolvedEviction): boolean {
    const { families, caches, users } = this.announced;

    return (
      (users && eviction.user !== undefined) ||
      eviction.caches.some((name) => caches.has(name)) ||
      familiesOf(eviction).some((family) => families.has(family))
    );
  }

  /** Whether one of these tags stands for something that is written past the application. @internal */
  mayWrite(tags: readonly string[]): boolean {
    return this.external.size > 0 && tags.some((tag) => this.external.has(tag));
  }

  /** Whether any cache promises something to a session. @internal */
  hasSessions(): boolean {
    return this.sessions;
  }

  /** @internal */
  methods(): readonly PlannedMethod[] {
    return [...this.planned.values()].flatMap((byHost) => [...byHost.values()]);
  }

  /** @internal */
  policies(): readonly ResolvedPolicy[] {
    return [...this.methods().flatMap(({ plan }) => plan.cached ?? []), ...this.undecorated];
  }

  /** Whether the writes of its families were announced before it was declared. */
  private isAnnounced({ tags, scope }: ResolvedPolicy): boolean {
    const { families, users } = this.announced;

    return tags.every(({ family }) => families.has(family)) && (users || scope !== 'user');
  }

  /** Notes a cache under its name and its families, and says which other cache has the name already. */
  private note(policy: ResolvedPolicy, declaration: MethodDeclaration | undefined): readonly PolicyProblem[] {
    const same = this.named.get(policy.name);
    // One declaration seen on several classes may share a name: it was given on purpose, and agrees with itself.
    if (same !== undefined && (same.declaration === undefined || same.declaration !== declaration)) {
      return [
        {
          fault: 'contradiction',
          place: policy.place,
          what: `there is another cache named '${policy.name}' (${same.policy.place}), and the two would share entries`,
          fix: 'Give one of them a name of its own',
        },
      ];
    }
    if (this.audited && policy.consistency === 'linearizable' && !this.isAnnounced(policy)) {
      return [
        {
          fault: 'contradiction',
          place: policy.place,
          what: 'it is linearizable and declared after the start, but writes that run already are not announced to it',
          fix: "Declare it in a module that is loaded at start-up, or declare consistency: 'strong'",
        },
      ];
    }
    if (this.audited) {
      // Either way round: it may promise too much, or say of a family that others promise too much of it.
      const all = [...this.policies(), policy];
      const external = externalFamilies(all, this.context.fedFamilies);
      const problems = all.flatMap((each) => promisedOverExternalWrites(each, external));
      if (problems.length > 0) return problems;
    }
    this.named.set(policy.name, { policy, declaration });
    for (const { family } of policy.tags) this.families.add(family);
    if (policy.writtenExternally) for (const { family } of policy.tags) this.external.add(familyTag(family));
    this.sessions ||= policy.consistency === 'session';
    if (policy.consistency === 'linearizable') {
      this.announced.caches.add(policy.name);
      for (const { family } of policy.tags) this.announced.families.add(family);
      this.announced.users ||= policy.scope === 'user';
    }

    return [];
  }
}

function throwIfAny(problems: readonly PolicyProblem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new InvalidPolicyError([first, ...rest]);
}
