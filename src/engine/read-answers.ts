import type { CallScope, CallScopes } from '../context/call-scope.js';
import type { Outcome } from '../context/read-log.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { copyOf } from '../entry/sealed-value.js';
import type { SealedValue } from '../entry/sealed-value.js';
import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { RefusalReason } from '../observability/cache-event.js';
import type { CacheEvents } from '../observability/event-channel.js';
import type { ResolvedPolicy } from '../policy/resolved-policy.js';
import { fullKeyOf } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { Invocation, OriginCall } from './invocation.js';
import type { FailedLoad, LoadedValue } from './origin-loader.js';
import { isOriginFailure } from '../policy/origin-failure.js';
import type { OriginCaller } from './origin-caller.js';

/** Hands a value to its caller, and tells whoever builds on it, or speaks of it, what it is worth. */
export class ReadAnswers {
  constructor(
    private readonly scopes: CallScopes,
    private readonly origins: OriginCaller,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
  ) {}

  /** An entry of the store answers. */
  fromEntry(call: Invocation, scope: CallScope, entry: CacheEntry, outcome: 'hit' | 'stale', nowMs: number): unknown {
    const { policy, key, subject } = call;
    const ageMs = nowMs - entry.asOfMs;
    scope.trace?.absorb({
      cache: policy.name,
      level: policy.consistency,
      scope: policy.scope,
      subject: call.subject.id,
      asOfMs: entry.asOfMs,
      snapshot: entry.snapshot,
      taint: undefined,
    });
    const answer = handOut(policy, entry.sealed);
    if (!answer.given) return this.refused(call, 'value-unstorable', answer.error);
    this.events.publish({ type: 'entry-served', policy: policy.name, key, subject: subject.id, outcome, ageMs });
    note(policy, scope, outcome, ageMs, entry.freshUntilMs - nowMs);
    if (policy.consistency === 'session') scope.session?.current().saw(fullKeyOf(call), entry);

    return answer.value;
  }

  /** A load answers, the caller's own or one that it joined. */
  fromLoad(call: Invocation, scope: CallScope, { value, entry, asOfMs, snapshot, taint }: LoadedValue): unknown {
    const { policy } = call;
    const nowMs = this.clock.nowMs();
    const outcome = entry === undefined ? 'refused' : 'miss';
    note(policy, scope, outcome, nowMs - asOfMs, entry === undefined ? 0 : entry.freshUntilMs - nowMs);
    scope.trace?.absorb({
      cache: policy.name,
      level: policy.consistency,
      scope: policy.scope,
      subject: call.subject.id,
      asOfMs,
      snapshot,
      taint,
    });

    if (policy.consistency === 'session') {
      const seen = entry ?? { nonce: undefined, asOfMs, loadEndMs: nowMs };
      scope.session?.current().saw(fullKeyOf(call), seen);
    }
    if (entry === undefined) return value;
    const answer = handOut(policy, entry.sealed);

    return answer.given ? answer.value : this.refused(call, 'value-unstorable', answer.error);
  }

  /** The origin's error answers. A load that goes on without what it asked for is made of that error as well. */
  fromFailure(call: Invocation, scope: CallScope, { error, nonce, asOfMs, snapshot, taint }: FailedLoad): never {
    const { name: cache, consistency: level, scope: belongsTo } = call.policy;
    note(call.policy, scope, 'miss', 0, 0);
    // That there is no such thing is news as well; that the origin is down says nothing of the value.
    if (level === 'session' && !isOriginFailure(error)) {
      const loadEndMs = this.clock.nowMs();
      scope.session?.current().saw(fullKeyOf(call), { nonce, asOfMs, loadEndMs });
    }
    scope.trace?.absorb({ cache, level, scope: belongsTo, subject: call.subject.id, asOfMs, snapshot, taint });

    throw error;
  }

  /** Nothing that could be outdated answers: what is built on it must not be kept. */
  unanswered(policy: ResolvedPolicy): void {
    this.scopes.current().trace?.absorb({
      cache: policy.name,
      level: policy.consistency,
      scope: policy.scope,
      subject: undefined,
      asOfMs: Infinity,
      snapshot: undefined,
      taint: undefined,
    });
  }

  /** The method itself answers, because caching the call would not be safe. */
  refused(call: OriginCall, because: RefusalReason, error: ConsistentCacheError | undefined): unknown {
    this.events.publish({ type: 'read-refused', policy: call.policy.name, because, error });

    return this.fromOrigin(call, 'refused');
  }

  /** The method itself answers, because the call is not meant to be cached. */
  bypassed(call: OriginCall, because: 'condition'): unknown {
    this.events.publish({ type: 'read-bypassed', policy: call.policy.name, because });

    return this.fromOrigin(call, 'bypass');
  }

  private fromOrigin(call: OriginCall, outcome: 'refused' | 'bypass'): unknown {
    const { policy } = call;
    const scope = this.scopes.current();
    this.unanswered(policy);
    note(policy, scope, outcome, 0, 0);
    const answer = this.scopes.demanding(policy.demand, () => this.origins.call(call, scope.leaving?.()));
    const { session } = scope;
    if (policy.consistency !== 'session' || session === undefined) return answer;

    return Promise.resolve(answer).then((value) => {
      session.current().sawBesideCache(this.clock.nowMs());
      return value;
    });
  }
}

/** Tells the response being made, if one is, what it is made of. */
function note(policy: ResolvedPolicy, { reads }: CallScope, outcome: Outcome, ageMs: number, freshForMs: number): void {
  reads?.add({ policy: policy.name, scope: policy.scope, outcome, ageMs, freshForMs, noStore: false });
}

/** What a caller is given, or why a codec that could revive the value once cannot do so now. */
type HandOut =
  { readonly given: true; readonly value: unknown } | { readonly given: false; readonly error: ConsistentCacheError };

/** The shared frozen value, or a copy where the policy says so or freezing cannot protect it. */
function handOut({ values, codecs }: ResolvedPolicy, sealed: SealedValue): HandOut {
  if (values === 'frozen' && sealed.shareable) return { given: true, value: sealed.value };
  try {
    return { given: true, value: copyOf(sealed.value, codecs) };
  } catch (error) {
    if (!(error instanceof ConsistentCacheError)) throw error;
    return { given: false, error };
  }
}
