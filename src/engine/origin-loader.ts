import { randomBytes } from 'node:crypto';
import { lifetimeOf } from '../consistency/entry-lifetime.js';
import type { CallScope, CallScopes } from '../context/call-scope.js';
import type { CallerSession } from '../context/caller-session.js';
import { LoadTrace } from '../context/load-trace.js';
import type { Taint } from '../context/load-trace.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { UnstorableValueError } from '../entry/entry.errors.js';
import { seal } from '../entry/sealed-value.js';
import type { SealedValue } from '../entry/sealed-value.js';
import { EMPTY_SNAPSHOT } from '../entry/version-snapshot.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { LoadFailed, NotStoredReason, RefusalReason } from '../observability/cache-event.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { LEVELS } from '../policy/consistency-level.js';
import { tighten } from '../policy/demand.js';
import { LoadTimedOutError } from '../resilience/bounded-load.js';
import { OriginOverloadedError } from '../resilience/load-limit.js';
import { OriginSuspendedError } from '../resilience/origin-guard.js';
import type { Audience } from '../stampede/audience.js';
import { fullKeyOf } from '../storage/entry-store.js';
import type { EntryStore } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { Invocation, InvocationCheck } from './invocation.js';
import type { OriginCaller } from './origin-caller.js';

/** What a load came to, and what it was made of. */
export type LoadOutcome = LoadedValue | FailedLoad;

interface LoadMaterial {
  /** Oldest instant at which everything that the outcome is made of is known to have been current. */
  readonly asOfMs: number;
  /** The versions of everything that the outcome is made of; undefined when they are unknown, or an argument had changed. */
  readonly snapshot: VersionSnapshot | undefined;
  readonly taint: Taint | undefined;
  /** The arguments still said what the key says when the method was called. */
  readonly unchanged: boolean;
  /** The session in which it was loaded. */
  readonly session: CallerSession | undefined;
}

export interface LoadedValue extends LoadMaterial {
  readonly failed: false;
  /** The origin's own value, for the caller that ran the load. */
  readonly value: unknown;
  /** The value as an entry, whether or not it was stored; undefined when it is its own caller's alone. */
  readonly entry: CacheEntry | undefined;
  readonly stored: boolean;
}

/** The origin's error says something about its state and its caller as well, so it is shared under the same conditions. */
export interface FailedLoad extends LoadMaterial {
  readonly failed: true;
  readonly error: unknown;
  /** Of this outcome alone, as an entry has one. */
  readonly nonce: string;
}

/** What the declared caches say of those who write past the application. */
export interface ExternalWriters {
  /** Whether one of these tags stands for something that they write. */
  mayWrite(tags: readonly string[]): boolean;
}

/** The taints that make a result its own caller's alone; the others only keep it from being stored. */
const PRIVATE_TAINTS: ReadonlySet<Taint> = new Set([
  'identity-read',
  'narrower-scope-read',
  'no-cache-read',
  'untracked-read',
]);

/** Those that show one caller's data to others. */
const ANOTHERS_TAINTS: ReadonlySet<Taint> = new Set(['identity-read', 'narrower-scope-read']);

/** A load looked at the caller, or read what belongs to one, and its result was to be stored for others. With `identity.strict`. */
export class TaintedResultError extends ConsistentCacheError {
  constructor(place: string) {
    super({
      code: 'RESULT_TAINTED',
      what: 'The load looked at who is calling, so its result may be that caller’s own, and it was to be stored for others as well',
      where: place,
      fix: "Declare scope: 'user' or 'tenant', or take what depends on the caller out of the method",
    });
  }
}

/** What a load needs to know beside the call. */
export interface LoadOrder {
  /** The versions read before; undefined when they could not be read, and nothing is stored. */
  readonly snapshot: VersionSnapshot | undefined;
  /** What names the load among those that run. */
  readonly flightId: string;
  /** Read before the origin is called, so that the value is at least as young. */
  readonly startMs: number;
  /** Whether the store has just answered; one that has not is spared the write, and its caller the wait. */
  readonly storeAnswers: boolean;
  /** A write of its tags is announced, so what it answers is stored nowhere. */
  readonly announced: boolean;
  /** It runs inside a transaction, so what it answers is its own caller's. */
  readonly inTransaction?: boolean;
  /** Those who wait for it, if they can leave. */
  readonly audience: Audience | undefined;
}

/** The one place that calls the origin and writes an entry. */
export class OriginLoader {
  private readonly process = randomBytes(5).toString('base64url');
  private outcomes = 0;

  constructor(
    private readonly store: EntryStore,
    private readonly scopes: CallScopes,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
    private readonly check: InvocationCheck,
    private readonly origins: OriginCaller,
    private readonly writers: ExternalWriters,
    private readonly random: () => number,
    private readonly strict = false,
  ) {}

  /**
   * Runs the method and stores what it answers, if that is allowed.
   *
   * @throws what `unless` throws; what the origin throws is an outcome
   */
  async load(call: Invocation, order: LoadOrder): Promise<LoadOutcome> {
    const { policy } = call;
    const scope = this.scopes.current();
    const { snapshot, flightId, startMs, storeAnswers } = order;
    const belonging = { scope: policy.scope, subject: call.subject.id };
    const versions = snapshot ?? EMPTY_SNAPSHOT;
    const trace = new LoadTrace(flightId, belonging, startMs, versions, scope.trace, policy.consistency);
    if (order.announced) trace.mark('write-announced');
    if (order.inTransaction === true) trace.mark('in-transaction');

    // A caller may reuse an object for its next call while an asynchronous store is asked for this one.
    const unchanged = this.check.isUnchanged(call);
    let value: unknown;
    let failure: { readonly error: unknown } | undefined;
    try {
      // Others may wait for it as well, so nothing that ends a load around it ends this one.
      const demand = tighten(scope.demand, policy.demand);
      const around = { trace, demand, leaving: undefined, load: undefined };
      value = await this.scopes.within(around, () => this.origins.call(call, order.audience?.signal));
    } catch (error) {
      failure = { error };
    }
    // A cache of such a family is refused at the start; what is made of one shows only now.
    if (LEVELS[policy.consistency].seesWrites && this.writers.mayWrite(trace.snapshot.tags)) {
      trace.mark('weaker-level-read');
    }
    trace.close();
    if (failure !== undefined) {
      const { error } = failure;
      this.publishFailure(call, startMs, error);
      return { failed: true, error, nonce: this.nextNonce(), ...materialOf(trace, unchanged, snapshot, scope.session) };
    }

    const load: FinishedLoad = { value, trace, snapshot, unchanged, startMs, endMs: this.clock.nowMs() };
    let verdict: Verdict;
    try {
      const kept = this.keep(call, load, storeAnswers);
      verdict = kept instanceof Promise ? await kept : kept;
    } catch (error) {
      this.publishFailure(call, startMs, error);
      throw error;
    }
    const loadMs = load.endMs - startMs;
    const stored = verdict.notStoredBecause === undefined;
    this.events.publish({
      type: 'load-finished',
      policy: policy.name,
      key: call.key,
      subject: call.subject.id,
      loadMs,
      stored,
      notStoredBecause: verdict.notStoredBecause,
      madeOf: trace.madeOf,
    });
    this.tellSlow(call, loadMs);
    const material = materialOf(trace, unchanged, snapshot, scope.session);

    return { failed: false, value, entry: verdict.entry, stored, ...material };
  }

  /** Whether a load around this one has a place at the origin, which this one will use. */
  hasPlaceFor({ policy }: Invocation, scope: CallScope): boolean {
    return this.origins.hasPlaceFor(policy, scope);
  }

  private tellSlow({ policy, key, subject }: Invocation, loadMs: number): void {
    const { slowAfterMs } = policy.load;
    if (loadMs <= slowAfterMs) return;
    this.events.publish({ type: 'load-slow', policy: policy.name, key, subject: subject.id, loadMs, slowAfterMs });
  }

  private publishFailure(call: Invocation, startMs: number, error: unknown): void {
    const { policy, key, subject } = call;
    const loadMs = this.clock.nowMs() - startMs;
    const because = failureOf(error);
    this.events.publish({ type: 'load-failed', policy: policy.name, key, subject: subject.id, because, loadMs, error });
    this.tellSlow(call, loadMs);
  }

  /** Makes an entry of what was loaded, and stores it, as far as each is safe. Waits only for a store that makes it wait. */
  private keep(call: Invocation, load: FinishedLoad, storeAnswers: boolean): Verdict | Promise<Verdict> {
    const { value, trace, snapshot, endMs } = load;
    if (!load.unchanged) return this.refuse(call, 'arguments-changed', undefined);
    // What is read from now on is not traced any more.
    if (this.scopes.areClosed) return { entry: undefined, notStoredBecause: 'application-closed' };
    if (trace.taint !== undefined && PRIVATE_TAINTS.has(trace.taint)) {
      const error =
        this.strict && ANOTHERS_TAINTS.has(trace.taint) ? new TaintedResultError(call.policy.place) : undefined;
      const verdict = this.refuse(call, trace.taint, error);
      if (error !== undefined) throw error;

      return verdict;
    }

    let sealed: SealedValue;
    try {
      sealed = seal(value, call.policy.codecs, call.policy.place);
    } catch (error) {
      if (!(error instanceof UnstorableValueError)) throw error;
      return this.refuse(call, 'value-unstorable', error);
    }

    const entry = this.entryOf(call, sealed, load);
    if (trace.taint !== undefined) return { entry, notStoredBecause: trace.taint };
    if (snapshot === undefined) return { entry, notStoredBecause: 'versions-unavailable' };
    if (call.policy.unless?.(value, ...call.args) === true) return { entry, notStoredBecause: 'unless' };
    if (entry.deadlineMs <= endMs) return { entry, notStoredBecause: 'outlived-its-bound' };
    if (!storeAnswers) return { entry, notStoredBecause: 'store-failed' };

    return this.putAway(call, entry);
  }

  private putAway(call: Invocation, entry: CacheEntry): Verdict | Promise<Verdict> {
    const stored: Verdict = { entry, notStoredBecause: undefined };
    const failed = (cause: unknown): Verdict => {
      this.events.publish({ type: 'store-failed', policy: call.policy.name, operation: 'put', cause });
      return { entry, notStoredBecause: 'store-failed' };
    };
    try {
      const waiting = this.store.put(call, entry);
      return waiting instanceof Promise ? waiting.then(() => stored, failed) : stored;
    } catch (cause) {
      return failed(cause);
    }
  }

  private refuse(call: Invocation, because: RefusalReason, error: ConsistentCacheError | undefined): Verdict {
    this.events.publish({ type: 'read-refused', policy: call.policy.name, because, error });

    return { entry: undefined, notStoredBecause: because };
  }

  private nextNonce(): string {
    this.outcomes += 1;

    return `${this.process}${this.outcomes.toString(36)}`;
  }

  private entryOf(call: Invocation, sealed: SealedValue, { value, trace, startMs, endMs }: FinishedLoad): CacheEntry {
    return {
      key: fullKeyOf(call),
      subject: call.subject.id,
      nonce: this.nextNonce(),
      loadStartMs: startMs,
      loadEndMs: endMs,
      asOfMs: trace.asOfMs,
      ...lifetimeOf(call.policy, {
        asOfMs: trace.asOfMs,
        loadStartMs: startMs,
        isNothing: call.policy.negative?.isNothing(value) === true,
        random: this.random(),
      }),
      snapshot: trace.snapshot,
      sealed,
    };
  }
}

function failureOf(error: unknown): LoadFailed['because'] {
  if (error instanceof OriginOverloadedError) return 'overloaded';
  if (error instanceof OriginSuspendedError) return 'suspended';

  return error instanceof LoadTimedOutError ? 'timed-out' : 'origin';
}

function materialOf(
  { asOfMs, snapshot, taint }: LoadTrace,
  unchanged: boolean,
  readBefore: VersionSnapshot | undefined,
  session: CallerSession | undefined,
): LoadMaterial {
  return { asOfMs, snapshot: unchanged && readBefore !== undefined ? snapshot : undefined, taint, unchanged, session };
}

interface FinishedLoad {
  readonly value: unknown;
  readonly trace: LoadTrace;
  readonly snapshot: VersionSnapshot | undefined;
  /** The arguments still said what the key says when the method was called. */
  readonly unchanged: boolean;
  readonly startMs: number;
  readonly endMs: number;
}

interface Verdict {
  readonly entry: CacheEntry | undefined;
  readonly notStoredBecause: NotStoredReason | undefined;
}
