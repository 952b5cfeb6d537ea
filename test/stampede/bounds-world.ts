import fc from 'fast-check';
import { CallerSession } from '../../src/context/caller-session.js';
import { InProcessLoadLeases } from '../../src/coordination/in-process/in-process-load-leases.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { resolveOriginOptions } from '../../src/resilience/origin-options.js';
import { cacheInMemory, entriesIn } from '../../src/storage/stores.js';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest, type Declared } from '../support/engine-under-test.js';

/** A policy as numbers, so that any of them can be made smaller. Times in ms; 0 is none. */
export interface SomePolicy {
  readonly level: 'linearizable' | 'strong' | 'session' | 'bounded' | 'eventual';
  readonly maxMs: number;
  /** Of `maxMs`. */
  readonly ttlShare: number;
  readonly early: number;
  readonly jitter: number;
  readonly whileStale: boolean;
  readonly softLimitMs: number;
  readonly deadlineMs: number;
  /** Beyond `maxMs`. */
  readonly onErrorMoreMs: number;
  /** Of `maxMs`. */
  readonly negativeShare: number;
  readonly concurrency: number;
  readonly oncePer: 'cluster' | 'process';
}

export type Step =
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'read'; readonly at: number; readonly key: number; readonly demandMs: number | undefined }
  /** Commits, and evicts when so many ms have passed. */
  | { readonly do: 'write'; readonly at: number; readonly key: number; readonly evictsAfterMs: number }
  /** The thing is gone from now on, or there again: the next versions say so. */
  | { readonly do: 'vanish'; readonly how: 'as-value' | 'as-error' | 'not' }
  /** Commits, and tells nobody; nothing under the levels that need to be told. */
  | { readonly do: 'change'; readonly key: number }
  | { readonly do: 'origin'; readonly fails: boolean }
  /** Loads that begin from now on wait for `answer`, and look at what they load at their beginning or at their end. */
  | { readonly do: 'slow'; readonly looks: 'first' | 'last' | 'at-once' }
  | { readonly do: 'answer'; readonly load: number };

/** What one version of a key was, and for how long. Orders count everything that happens. */
export interface Version {
  readonly gone: 'as-value' | 'as-error' | 'not';
  readonly fromMs: number;
  readonly fromOrder: number;
  untilMs: number;
  untilOrder: number;
  /** When its write was acknowledged. */
  acknowledgedOrder: number;
}

export interface Reading {
  readonly key: number;
  readonly demandMs: number | undefined;
  readonly beginMs: number;
  readonly beginOrder: number;
  endMs: number;
  endOrder: number;
  /** The version that answered, as a value or as an error that says that there is nothing; undefined for any other error. */
  version: number | undefined;
  /** When the load that it came from had ended. */
  loadedOrder: number;
  isError: boolean;
}

const KEYS = 2;
const INSTANCES = 2;
const LONGEST_WAIT_MS = 31_000;

class Gone extends Error {
  /** What blames the caller is no failure of the source. */
  readonly status = 404;

  constructor(
    readonly version: number,
    readonly loadedOrder: number,
  ) {
    super('there is no such thing');
  }
}

interface Value {
  readonly version: number;
  readonly gone: boolean;
  readonly loadedOrder: number;
}

/** Two instances of one cache over shared stores, a source that remembers every version, and what readers were given. */
export class BoundsWorld {
  readonly clock = new ManualClock(10_000);
  readonly readings: Reading[] = [];
  /** Orders at which a load came to nothing, other than because there is nothing. */
  readonly failures: number[] = [];
  readonly history: readonly Version[][];
  private readonly held: Deferred[] = [];
  private readonly caches: readonly ((key: number) => Promise<Value>)[];
  private readonly engines: readonly EngineUnderTest[];
  private readonly session: CallerSession;
  /** What readers and writers are still waiting for. */
  private open = 0;
  private order = 0;
  private gone: Version['gone'] = 'not';
  private fails = false;
  private looks: 'first' | 'last' | 'at-once' = 'at-once';

  constructor(
    private readonly policy: SomePolicy,
    draws: readonly number[],
  ) {
    const { clock } = this;
    const entries = entriesIn(cacheInMemory(50), 'bounds', clock, 150);
    const shared = { versions: new InProcessVersionStore(100), intents: new InProcessWriteIntents() };
    let drawn = 0;
    const random = (): number => draws[drawn++ % draws.length] ?? 0;
    const origins =
      policy.concurrency === 0
        ? []
        : [
            resolveOriginOptions('source', { concurrency: policy.concurrency, queue: 1, queueDeadline: '50ms' })
              .resolved,
          ];
    const leases = new InProcessLoadLeases(clock);
    this.engines = Array.from(
      { length: INSTANCES },
      () => new EngineUnderTest({ clock, ...shared, entries: () => entries, leases, origins, random }),
    );
    this.session = new CallerSession(
      { secret: 's', epoch: () => 'e', clock, report: () => undefined },
      () => undefined,
    );
    this.history = Array.from({ length: KEYS }, () => [this.versionNow()]);
    this.caches = this.engines.map((engine) => {
      engine.events.subscribe((event) => {
        if (event.type === 'load-failed' && !(event.error instanceof Gone)) this.failures.push(this.tick());
      });

      return engine.cached(declarationOf(policy), (key) => this.load(key));
    });
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.take(step);
      await settled();
    }
    this.looks = 'at-once';
    for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS && this.open > 0; waitedMs += 500) {
      for (const load of this.held) load.resolve();
      await settled();
      this.clock.advance(500);
      await settled();
    }
  }

  private take(step: Step): void {
    switch (step.do) {
      case 'pass':
        this.clock.advance(step.ms);
        return;
      case 'read':
        this.begin(this.read(step.at % INSTANCES, step.key % KEYS, step.demandMs));
        return;
      case 'write':
        this.begin(this.write(step.at % INSTANCES, step.key % KEYS, step.evictsAfterMs));
        return;
      case 'change':
        if (!NEED_TO_BE_TOLD.has(this.policy.level)) this.commit(step.key % KEYS);
        return;
      case 'vanish':
        this.gone = step.how;
        return;
      case 'origin':
        this.fails = step.fails;
        return;
      case 'slow':
        this.looks = step.looks;
        return;
      case 'answer':
        this.held[step.load % Math.max(1, this.held.length)]?.resolve();
    }
  }

  private begin(work: Promise<void>): void {
    this.open += 1;
    void work.then(() => {
      this.open -= 1;
    });
  }

  private async read(at: number, key: number, demandMs: number | undefined): Promise<void> {
    const [engine, cache] = [this.engines[at], this.caches[at]];
    if (engine === undefined || cache === undefined) return;
    const reading: Reading = {
      key,
      demandMs,
      beginMs: this.clock.nowMs(),
      beginOrder: this.tick(),
      endMs: Infinity,
      endOrder: Infinity,
      version: undefined,
      loadedOrder: Infinity,
      isError: false,
    };
    this.readings.push(reading);
    const ask = (): Promise<Value> => cache(key);
    try {
      const demanding = (): Promise<Value> => (demandMs === undefined ? ask() : engine.demanding(demandMs, ask));
      const { version, loadedOrder } = await engine.scopes.within({ session: this.session }, demanding);
      Object.assign(reading, { version, loadedOrder });
    } catch (error) {
      reading.isError = true;
      if (error instanceof Gone) Object.assign(reading, { version: error.version, loadedOrder: error.loadedOrder });
    }
    reading.endMs = this.clock.nowMs();
    reading.endOrder = this.tick();
  }

  private async write(at: number, key: number, evictsAfterMs: number): Promise<void> {
    const engine = this.engines[at];
    if (engine === undefined) return;
    let version: Version | undefined;
    const write = engine.writing({ tags: { thing: (thing: number) => thing } }, async (thing: number) => {
      version = this.commit(thing);
      if (evictsAfterMs === 0) return;
      const evicting = new Deferred();
      this.clock.after(evictsAfterMs, () => {
        evicting.resolve();
      });
      await evicting.promise;
    });
    await engine.scopes.within({ session: this.session }, () => write(key));
    if (version !== undefined) version.acknowledgedOrder = this.tick();
  }

  private commit(key: number): Version {
    const version = this.versionNow();
    const versions = this.history[key] ?? [];
    const before = versions.at(-1);
    if (before !== undefined) {
      before.untilMs = version.fromMs;
      before.untilOrder = version.fromOrder;
    }
    versions.push(version);

    return version;
  }

  private async load(key: number): Promise<Value> {
    const { looks } = this;
    let version = this.currentOf(key);
    if (looks !== 'at-once') {
      const gate = new Deferred();
      this.held.push(gate);
      await gate.promise;
    }
    if (looks === 'last') version = this.currentOf(key);
    if (this.fails) throw new Error('the source is down');
    const gone = this.history[key]?.[version]?.gone;
    if (gone === 'as-error') throw new Gone(version, this.tick());

    return { version, gone: gone === 'as-value', loadedOrder: this.tick() };
  }

  private currentOf(key: number): number {
    return (this.history[key]?.length ?? 0) - 1;
  }

  private versionNow(): Version {
    const open = { untilMs: Infinity, untilOrder: Infinity, acknowledgedOrder: Infinity };

    return { gone: this.gone, fromMs: this.clock.nowMs(), fromOrder: this.tick(), ...open };
  }

  private tick(): number {
    this.order += 1;

    return this.order;
  }
}

/** Their promise is about writes that say what they have written. */
const NEED_TO_BE_TOLD: ReadonlySet<SomePolicy['level']> = new Set(['linearizable', 'strong']);

export function isOpen({ endOrder }: Reading): boolean {
  return endOrder === Infinity;
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The times of a policy, with everything left out that its level would refuse. */
export function timesOf({ level, maxMs, ttlShare, onErrorMoreMs, negativeShare }: SomePolicy) {
  const hasTolerance = level === 'bounded' || level === 'session';
  const isRetained = NEED_TO_BE_TOLD.has(level);

  return {
    ttlMs: hasTolerance || isRetained ? Math.max(1, Math.floor(maxMs * ttlShare)) : maxMs,
    boundMs: isRetained ? Infinity : maxMs,
    onErrorMs: isRetained || onErrorMoreMs === 0 ? 0 : maxMs + onErrorMoreMs,
    negativeMs: negativeShare === 0 ? Infinity : Math.max(1, Math.floor(maxMs * negativeShare)),
  };
}

function declarationOf(policy: SomePolicy): Declared<[key: number], Value> {
  const { level, maxMs, early, jitter, whileStale, softLimitMs, deadlineMs, concurrency, oncePer } = policy;
  const { ttlMs, onErrorMs, negativeMs } = timesOf(policy);
  const hasTolerance = level === 'bounded' || level === 'session';
  const hasSlack = hasTolerance && ttlMs < maxMs;
  const softly = hasSlack && softLimitMs > 0 && (deadlineMs === 0 || softLimitMs < deadlineMs);

  return {
    name: 'things',
    consistency: level,
    scope: 'shared',
    tags: { thing: (key: number) => key },
    ttl: `${ttlMs}ms`,
    refresh: { early, jitter, whileStale: whileStale && hasSlack },
    load: {
      oncePer,
      ...(softly ? { softLimit: `${softLimitMs}ms` } : {}),
      ...(deadlineMs === 0 ? {} : { deadline: `${deadlineMs}ms` }),
      ...(concurrency === 0 ? {} : { origin: 'source' }),
    },
    ...(hasTolerance || onErrorMs > 0
      ? {
          tolerance: {
            ...(hasTolerance ? { max: `${maxMs}ms` as const } : {}),
            ...(onErrorMs > 0 ? { onError: `${onErrorMs}ms` as const } : {}),
          },
        }
      : {}),
    ...(negativeMs === Infinity
      ? {}
      : {
          negative: {
            ttl: `${negativeMs}ms`,
            when: ({ gone }: Value) => gone,
            errors: (error: unknown) => error instanceof Gone,
          },
        }),
  };
}

export const somePolicy: fc.Arbitrary<SomePolicy> = fc.record({
  level: fc.constantFrom('linearizable', 'strong', 'session', 'bounded', 'bounded', 'bounded', 'eventual', 'eventual'),
  maxMs: fc.oneof(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 20, max: 120 })),
  ttlShare: fc.constantFrom(0.2, 0.5, 1),
  early: fc.constantFrom(0, 1, 5),
  jitter: fc.constantFrom(0, 0.3, 0.9),
  whileStale: fc.boolean(),
  softLimitMs: fc.constantFrom(0, 5, 40),
  deadlineMs: fc.constantFrom(0, 30, 300),
  onErrorMoreMs: fc.constantFrom(0, 50, 300),
  negativeShare: fc.constantFrom(0, 0.2, 1),
  concurrency: fc.constantFrom(0, 1),
  oncePer: fc.constantFrom('cluster', 'process'),
});

const which = fc.nat(7);
const someKey = fc.constantFrom(0, 0, 0, 1);
const someMs = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 15 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) },
);

export const someSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: someMs }) },
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constant('read' as const),
        at: which,
        key: someKey,
        demandMs: fc.option(fc.oneof(fc.constant(0), someMs), { nil: undefined, freq: 1 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        at: which,
        key: someKey,
        evictsAfterMs: fc.constantFrom(0, 0, 15),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), key: someKey }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('vanish' as const),
        how: fc.constantFrom('as-value', 'as-error', 'not', 'not'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('origin' as const), fails: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('slow' as const), looks: fc.constantFrom('first', 'last', 'at-once') }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const), load: which }) },
  ),
  { minLength: 10, maxLength: 80, size: 'max' },
);

/** What luck draws, for jitter and early refresh. */
export const someDraws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: 1,
  maxLength: 5,
});
