import { CallScopes } from '../../src/context/call-scope.js';
import { CallerContext } from '../../src/context/caller-context.js';
import type { Caller } from '../../src/context/caller.js';
import { Subjects } from '../../src/context/subjects.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import type { OpenOutbox } from '../../src/coordination/eviction-outbox.js';
import type { LoadLeases } from '../../src/coordination/load-leases.js';
import type { VersionStore } from '../../src/coordination/version-store.js';
import type { WriteIntents } from '../../src/coordination/write-intents.js';
import { Eviction } from '../../src/engine/eviction.js';
import { BackgroundRefresh } from '../../src/engine/background-refresh.js';
import { EntryJudge } from '../../src/engine/entry-judge.js';
import { OriginCaller } from '../../src/engine/origin-caller.js';
import { OriginLoader } from '../../src/engine/origin-loader.js';
import { ReadAnswers } from '../../src/engine/read-answers.js';
import { RecordedEvictions } from '../../src/engine/recorded-evictions.js';
import { SharedLoads } from '../../src/engine/shared-loads.js';
import { ReadThrough } from '../../src/engine/read-through.js';
import { familyTag, valueTag } from '../../src/entry/tag.js';
import type { TagValue } from '../../src/entry/tag.js';
import { CacheableInterceptor } from '../../src/interceptors/cacheable.interceptor.js';
import { InvocationFactory } from '../../src/interceptors/invocation-factory.js';
import { CacheMetrics } from '../../src/observability/cache-metrics.js';
import { CacheEvents } from '../../src/observability/event-channel.js';
import type { CacheablePolicy } from '../../src/policy/cacheable-policy.js';
import type { EvictPolicy } from '../../src/policy/evict-policy.js';
import { resolveEviction } from '../../src/policy/resolve-eviction.js';
import { familiesOf } from '../../src/policy/resolved-policy.js';
import type { ResolvedEviction } from '../../src/policy/resolved-policy.js';
import { resolvePolicy } from '../../src/policy/resolve-policy.js';
import type { StaleTolerancePolicy } from '../../src/policy/stale-tolerance.js';
import type { ResolvedOrigin } from '../../src/resilience/origin-options.js';
import type { EntryStore } from '../../src/storage/entry-store.js';
import { cacheInMemory, entriesIn } from '../../src/storage/stores.js';
import { EventStory, ManualClock } from 'nestjs-consistent-cache/testing';

/** A cache as a test declares it: `shared`, owned by the test, and with its tolerance beside it. */
export type Declared<Args extends readonly unknown[], Result> = CacheablePolicy<Args, Result> & {
  readonly name: string;
  readonly tolerance?: Omit<StaleTolerancePolicy, 'because'>;
};

/**
 * One for all engines without an ambient caller: every AsyncLocalStorage that was ever used slows down each promise of its
 * process on Node 20, and the tests of schedules make thousands of engines.
 */
const SCOPES = new CallScopes(undefined);
const SUBJECTS = new Subjects('a secret of the tests');

interface Parts {
  /** Shared with another engine, as by two instances of an application. */
  readonly clock?: ManualClock;
  readonly entries?: (clock: ManualClock) => EntryStore;
  readonly versions?: VersionStore;
  readonly intents?: WriteIntents;
  readonly ambient?: () => Caller | undefined;
  readonly leases?: LoadLeases;
  readonly outbox?: OpenOutbox;
  readonly origins?: readonly ResolvedOrigin[];
  /** In [0, 1), for jitter and early refresh. @default always 0.5 */
  readonly random?: () => number;
}

/** The whole engine over chosen adapters, without Nest, on a clock that moves only when told. */
export class EngineUnderTest {
  readonly clock: ManualClock;
  readonly events = new CacheEvents();
  readonly metrics = new CacheMetrics(this.events);
  readonly subjects = SUBJECTS;
  readonly scopes: CallScopes;
  readonly callers: CallerContext;
  readonly entries: EntryStore;
  readonly versions: VersionStore;
  readonly intents: WriteIntents;
  readonly eviction: Eviction;
  /** The families of the linearizable caches declared so far. */
  private readonly announced = new Set<string>();
  /** The tags of the families of which a cache says that other programs write them. */
  private readonly external = new Set<string>();
  private readonly told = new EventStory(this.events);
  private readonly cacheable: CacheableInterceptor;
  private readonly originNames: ReadonlySet<string>;

  constructor(parts: Parts = {}) {
    this.clock = parts.clock ?? new ManualClock();
    this.originNames = new Set(parts.origins?.map(({ name }) => name));
    this.scopes = parts.ambient === undefined ? SCOPES : new CallScopes(parts.ambient);
    this.callers = new CallerContext(this.scopes);
    this.entries = parts.entries?.(this.clock) ?? entriesIn(cacheInMemory(50), 'test', this.clock, 150);
    this.versions = parts.versions ?? new InProcessVersionStore(1_000);
    this.intents = parts.intents ?? new InProcessWriteIntents(this.clock);
    this.eviction = new Eviction(
      this.versions,
      this.intents,
      this,
      this.subjects,
      this.scopes,
      this.clock,
      this.events,
      new RecordedEvictions(parts.outbox, this.events),
    );
    const { clock, entries, events, intents, scopes, versions } = this;
    const random = parts.random ?? (() => 0.5);
    const origins = new OriginCaller(scopes, parts.origins ?? [], clock, events);
    const answers = new ReadAnswers(scopes, origins, clock, events);
    const invocations = new InvocationFactory(scopes, this.subjects);
    const judge = new EntryJudge(entries, versions, clock, events, random);
    const loader = new OriginLoader(entries, scopes, clock, events, invocations, origins, this, random);
    const loads = new SharedLoads(loader, versions, intents, judge, parts.leases, clock, events);
    const refreshes = new BackgroundRefresh(versions, loads, scopes, events);
    const reads = new ReadThrough(entries, versions, judge, loads, refreshes, scopes, answers, clock, events);
    this.cacheable = new CacheableInterceptor(invocations, reads, answers);
  }

  /** A cached function, as `@Cacheable` would make of a method. */
  cached<Args extends readonly unknown[], Result>(
    { tolerance, ...policy }: Declared<Args, Result>,
    load: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    const { resolved, problems } = resolvePolicy({
      policy: { scope: 'shared', owner: 'tests', ...policy } as unknown as CacheablePolicy,
      tolerance: tolerance && { ...tolerance, because: 'a test says so' },
      classDefaults: {},
      moduleDefaults: {},
      defaultName: policy.name,
      place: `@Cacheable on ${policy.name}`,
      answersWithObservable: false,
      identityKnown: true,
      origins: this.originNames,
    });
    if (problems.length > 0) throw new Error(problems.map(({ what }) => what).join('; '));
    if (resolved.consistency === 'linearizable') for (const { family } of resolved.tags) this.announced.add(family);
    if (resolved.writtenExternally) for (const { family } of resolved.tags) this.external.add(familyTag(family));
    const method = load as (...args: readonly unknown[]) => unknown;

    return (...args) =>
      this.cacheable.intercept({ policy: resolved, instance: undefined, args, method }) as Promise<Result>;
  }

  /** A writing function, as `@CacheEvict` would make of a method. */
  writing<Args extends readonly unknown[], Result>(
    policy: EvictPolicy<Args, Result>,
    write: (...args: Args) => Promise<Result>,
    place = 'write',
  ): (...args: Args) => Promise<Result> {
    return this.writingAll([policy], write, place);
  }

  /** The same under several `@CacheEvict`. */
  writingAll<Args extends readonly unknown[], Result>(
    policies: readonly EvictPolicy<Args, Result>[],
    write: (...args: Args) => Promise<Result>,
    place = 'write',
  ): (...args: Args) => Promise<Result> {
    const evictions = policies.map((policy) => {
      const { resolved, problems } = resolveEviction(policy as unknown as EvictPolicy, place);
      if (problems.length > 0) throw new Error(problems.map(({ what }) => what).join('; '));

      return resolved;
    });

    return (...args) => this.eviction.around(evictions, args, () => write(...args)) as Promise<Result>;
  }

  hasSessions(): boolean {
    return true;
  }

  needsAnnouncement(eviction: ResolvedEviction): boolean {
    return familiesOf(eviction).some((family) => this.announced.has(family));
  }

  mayWrite(tags: readonly string[]): boolean {
    return tags.some((tag) => this.external.has(tag));
  }

  async evict(family: string, ...values: readonly TagValue[]): Promise<void> {
    await this.eviction.evict(
      values.map((value) => valueTag(family, value)),
      'test',
    );
  }

  /** Runs `work` as below a method that demands at most this staleness. */
  demanding<T>(maxStalenessMs: number, work: () => T): T {
    return this.scopes.demanding({ maxStalenessMs, guarantee: 'any' }, work);
  }

  /** What has happened since this was last asked. */
  story(): readonly string[] {
    const lines = this.told.lines();
    this.told.clear();

    return lines;
  }
}
