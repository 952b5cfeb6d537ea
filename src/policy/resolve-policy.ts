import { cacheTag, familyTag } from '../entry/tag.js';
import { resolveCodecs } from '../entry/value-codec.js';
import type { ResolvedCodec } from '../entry/value-codec.js';
import type { Duration } from '../time/duration.js';
import type { AnyCacheablePolicy, CacheableDefaults, CacheScope } from './cacheable-policy.js';
import { isConsistencyLevel, LEVELS } from './consistency-level.js';
import type { ConsistencyLevel } from './consistency-level.js';
import { demandOf } from './demand.js';
import { POLICY_DEFAULTS } from './policy.defaults.js';
import { ProblemReport } from './problem-report.js';
import type { Resolution } from './problem-report.js';
import { resolveLoad, resolveNegative, resolveRefresh, resolveWarmUp } from './resolve-load.js';
import { familyTagsOf } from './resolved-policy.js';
import type { ResolvedPolicy } from './resolved-policy.js';
import type { ResolvedLoad, ResolvedNegative } from './resolved-load.js';
import { NO_TIMES, resolveTimes } from './resolve-times.js';
import type { StaleTolerancePolicy } from './stale-tolerance.js';

/** Everything that was declared about one cache, before any default is filled in. */
export interface PolicyDeclaration {
  readonly policy: AnyCacheablePolicy;
  readonly tolerance: StaleTolerancePolicy | undefined;
  /** From the class that declares the method. */
  readonly classDefaults: CacheableDefaults;
  readonly moduleDefaults: ModuleDefaults;
  /** `Class.method`, or the name given to a cache without a decorator. */
  readonly defaultName: string;
  readonly place: string;
  /** Whether the method's own return type says Observable. */
  readonly answersWithObservable: boolean;
  /** Whether the module can tell who is calling. */
  readonly identityKnown: boolean;
  /** The names of the origins that the module declares. */
  readonly origins: ReadonlySet<string>;
}

/** What the module assumes for every policy that does not say otherwise. */
export interface ModuleDefaults {
  readonly owner?: string;
  readonly scope?: CacheScope;
  /** Defaults by level. */
  readonly levels?: Readonly<Partial<Record<ConsistencyLevel, { readonly ttl?: Duration }>>>;
}

const SCOPES: readonly unknown[] = ['shared', 'tenant', 'user'] satisfies CacheScope[];

/** Fills every default, and finds what cannot be kept. Never throws for what a declaration says. */
export function resolvePolicy(declaration: PolicyDeclaration): Resolution<ResolvedPolicy> {
  const { policy, tolerance, classDefaults, moduleDefaults, defaultName, place } = declaration;
  const report = new ProblemReport(place);
  report.unknownOptions(policy, CACHEABLE_OPTIONS);
  report.unknownOptions(classDefaults, CLASS_OPTIONS);
  const { owner: moduleOwner, scope: moduleScope } = moduleDefaults;
  const declared: AnyCacheablePolicy = {
    ...definedOf({ owner: moduleOwner, scope: moduleScope }),
    ...definedOf(classDefaults),
    ...definedOf(policy),
  };

  const { consistency, scope, owner, values = POLICY_DEFAULTS.values } = declared;
  const onMissingUser = declared.onMissingUser ?? POLICY_DEFAULTS.onMissingUser;
  report.oneOf('consistency', consistency, Object.keys(LEVELS));
  report.oneOf('scope', scope, SCOPES);
  report.text('owner', owner, 'the source of truth and the team behind it');
  report.oneOf('values', values, ['frozen', 'copied']);
  report.oneOf('onMissingUser', onMissingUser, ['bypass', 'throw']);
  report.functions(policy, ['key', 'userKey', 'tenantKey', 'condition', 'unless']);
  report.functionsOf('tags', policy.tags);
  if (policy.returns !== undefined) report.oneOf('returns', policy.returns, ['promise', 'observable']);
  if (policy.name !== undefined) report.text('name', policy.name, 'a name for this cache');
  if (policy.writes !== undefined) report.oneOf('writes', policy.writes, ['external']);
  if (policy.evictedElsewhere !== undefined) report.reason('evictedElsewhere', policy.evictedElsewhere);
  if (policy.requestIndependent !== undefined) report.reason('requestIndependent', policy.requestIndependent);
  const codecs = report.attempt<readonly ResolvedCodec[]>(() => resolveCodecs(policy.codecs ?? [])) ?? [];
  reportScope(report, policy, scope, declaration.identityKnown);

  // Without a level nothing can be said about times, but the other rules still need to see the cache and its families.
  const level = isConsistencyLevel(consistency) ? consistency : undefined;
  const times =
    level === undefined
      ? NO_TIMES
      : resolveTimes(report, level, declared.ttl, moduleDefaults.levels?.[level]?.ttl, tolerance);

  const name = typeof policy.name === 'string' ? policy.name : defaultName;
  const tags = familyTagsOf(policy.tags);
  const version = versionPart(report, policy.version);
  const negative = resolveNegative(report, policy.negative, times);

  return report.conclude({
    name,
    place,
    // With the level: what a weaker one has loaded may be made of what a stricter one would not read. And with the families: no
    // eviction by one of them reaches an entry that another release has stored without it.
    keyPrefix: `${name.length}:${name}${version}${LEVEL_MARKS[level ?? 'eventual']}${familiesPart(tags)}:`,
    consistency: level ?? 'eventual',
    scope: scope ?? 'shared',
    owner: owner ?? '',
    ...times,
    because: tolerance?.because,
    demand: demandOf(level ?? 'eventual', times.maxStalenessMs),
    key: policy.key as ResolvedPolicy['key'],
    tags,
    commonTags: [cacheTag(name), ...tags.map(({ family }) => familyTag(family))],
    userKey: policy.userKey as ResolvedPolicy['userKey'],
    tenantKey: policy.tenantKey as ResolvedPolicy['tenantKey'],
    condition: policy.condition as ResolvedPolicy['condition'],
    unless: policy.unless as ResolvedPolicy['unless'],
    values,
    codecs,
    onMissingUser,
    writtenExternally: policy.writes === 'external',
    evictedElsewhere: policy.evictedElsewhere,
    requestIndependent: policy.requestIndependent,
    returns: policy.returns ?? (declaration.answersWithObservable ? 'observable' : 'promise'),
    load: sparingNothing(resolveLoad(report, policy.load ?? {}, times, declaration.origins), negative),
    refresh: resolveRefresh(report, policy.refresh ?? {}, times),
    negative,
    warmUp: resolveWarmUp(
      report,
      policy.warmUp,
      (scope === 'user' && policy.userKey === undefined) || (scope === 'tenant' && policy.tenantKey === undefined),
    ),
  });
}

/** Whose data it is must be known, and said once. */
function reportScope(
  report: ProblemReport,
  { userKey, tenantKey }: AnyCacheablePolicy,
  scope: CacheScope | undefined,
  identityKnown: boolean,
): void {
  if (!SCOPES.includes(scope)) return;
  const ownKey = scope === 'user' ? userKey : tenantKey;
  if (scope !== 'shared' && ownKey === undefined && !identityKnown) {
    report.add(
      'user-scope-without-key',
      `scope '${scope}' needs to know whose data it is, and nothing says so`,
      `Add ${scope}Key to the policy, or identity to the options of ConsistentCacheModule`,
    );
  }
  for (const [option, key, wanted] of [
    ['userKey', userKey, 'user'],
    ['tenantKey', tenantKey, 'tenant'],
  ] as const) {
    if (key === undefined || scope === wanted) continue;
    report.add(
      'contradiction',
      `${option} is declared, but scope is '${scope}'`,
      `Declare scope: '${wanted}', or remove ${option}`,
    );
  }
}

/** Without a type: a version that only changes from a number to the same text means the same. */
function versionPart(report: ProblemReport, version: unknown): string {
  if (version === undefined) return '';
  if (typeof version !== 'string' && typeof version !== 'number') {
    report.add('invalid-option', 'version is neither text nor a number', "Write version: 2 or version: '2026-01'");
    return '';
  }

  return `@${String(version).length}:${version}`;
}

const CLASS_OPTIONS: Readonly<Record<keyof CacheableDefaults, true>> = {
  consistency: true,
  scope: true,
  owner: true,
  ttl: true,
  values: true,
  onMissingUser: true,
};

const CACHEABLE_OPTIONS: Readonly<Record<keyof AnyCacheablePolicy, true>> = {
  ...CLASS_OPTIONS,
  name: true,
  version: true,
  key: true,
  tags: true,
  userKey: true,
  tenantKey: true,
  condition: true,
  unless: true,
  codecs: true,
  writes: true,
  evictedElsewhere: true,
  requestIndependent: true,
  returns: true,
  load: true,
  refresh: true,
  negative: true,
  warmUp: true,
};

function definedOf<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** In one order, whichever they are declared in. */
function familiesPart(tags: ResolvedPolicy['tags']): string {
  return tags
    .map(({ family }) => `${family.length}:${family}`)
    .sort()
    .join('');
}

/** How a key says under which level its entry was loaded. */
const LEVEL_MARKS: Readonly<Record<ConsistencyLevel, string>> = {
  linearizable: 'L',
  strong: 'S',
  session: 'T',
  bounded: 'B',
  eventual: 'E',
  immutable: 'I',
};

/** An error that says that there is nothing is an answer. */
function sparingNothing(load: ResolvedLoad, negative: ResolvedNegative | undefined): ResolvedLoad {
  if (negative === undefined) return load;

  return { ...load, isFailure: (error) => !negative.saysNothing(error) && load.isFailure(error) };
}
