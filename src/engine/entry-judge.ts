import { answersOnError, answersWhileLoading, decideRead } from '../consistency/decide-read.js';
import { LOAD } from '../consistency/decision.js';
import type { ReadDecision } from '../consistency/decision.js';
import type { ReadSituation, SessionVerdict } from '../consistency/read-situation.js';
import type { CallScope } from '../context/call-scope.js';
import { WatchedSnapshot } from '../coordination/invalidation-feed.js';
import type { Observation, TagList, VersionStore } from '../coordination/version-store.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { isSameSnapshot } from '../entry/version-snapshot.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { expiresEarly } from '../stampede/early-expiration.js';
import type { EntryStore } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { Invocation } from './invocation.js';

/** What was asked of a version store while the entry was being looked up in a store beside it. */
export interface Sighting {
  /** Undefined where they have not been computed yet. */
  readonly tags: TagList | undefined;
  /** Undefined where the store has nothing to tell beforehand. */
  readonly observed: Observation | undefined;
  /** It was asked, and did not answer. */
  readonly failed: boolean;
}

/** What a found entry is worth to one read. */
export class EntryJudge {
  /** @param random in [0, 1), for early refresh */
  constructor(
    private readonly entries: EntryStore,
    private readonly versions: VersionStore,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
    private readonly random: () => number,
  ) {}

  /** A version store that does not answer leaves no proof that the entry is current, unless the entry hears of it by itself. */
  isCurrent(
    call: Invocation,
    { transaction }: CallScope,
    { snapshot }: CacheEntry,
    sighting?: Sighting,
  ): boolean | Promise<boolean> {
    // Whoever has written it, and not committed yet, must see what it wrote.
    if (transaction?.hasWritten(snapshot.tags) === true) return false;
    if (sighting?.failed === true) return snapshot instanceof WatchedSnapshot && snapshot.isCurrent;
    const current = this.versions.isCurrent(snapshot, sighting?.observed);

    return typeof current === 'boolean'
      ? current
      : current.catch((cause: unknown) => {
          this.events.publish({ type: 'store-failed', policy: call.policy.name, operation: 'versions', cause });
          return false;
        });
  }

  /** @param superseded one of its versions is not current */
  decide(
    call: Invocation,
    scope: CallScope,
    entry: CacheEntry,
    superseded: boolean,
    nowMs: number,
    session = sessionVerdict(call, scope, entry),
  ): ReadDecision {
    if (saysNothingAnyMore(call, entry, nowMs)) return LOAD.ttlPassed;

    return decideRead(this.situationOf(call, scope, entry, superseded, nowMs, session));
  }

  /** Whether an entry that could not answer at first does so now that the origin has failed. */
  answersOnError(call: Invocation, scope: CallScope, entry: CacheEntry): Promise<boolean> {
    return this.asItIsNow(call, scope, entry, answersOnError);
  }

  /** Whether an entry that could not answer at first does so now that the load has taken its time. */
  answersWhileLoading(call: Invocation, scope: CallScope, entry: CacheEntry): Promise<boolean> {
    return this.asItIsNow(call, scope, entry, answersWhileLoading);
  }

  /**
   * Looks for an entry that another process has made while this caller waited, and judges it as any read would; but one made
   * of nothing except the versions that this caller has read is good enough for it, even if it was evicted since. On a key
   * that is written all the time every value is, and callers would load one after the other.
   *
   * @param read the versions that were current after the caller came
   * @param than only a younger entry is an answer, and it answers nobody but takes the place of this one
   */
  async look(
    call: Invocation,
    scope: CallScope,
    read: VersionSnapshot,
    than: CacheEntry | undefined,
  ): Promise<CacheEntry | undefined> {
    const lookup = await (this.entries.findShared?.(call) ?? this.entries.find(call));
    if (lookup.state !== 'found') return undefined;
    const { entry } = lookup;
    if (entry.subject !== call.subject.id || (than !== undefined && !isYounger(entry, than))) return undefined;
    if (!isSameSnapshot(entry.snapshot, read) && !(await this.isCurrent(call, scope, entry))) return undefined;
    const session = than === undefined ? sessionVerdict(call, scope, entry) : 'ok';
    if (this.decide(call, scope, entry, false, this.clock.nowMs(), session).action === 'load') return undefined;
    this.entries.keepCopy?.(call, entry);

    return entry;
  }

  private async asItIsNow(
    call: Invocation,
    scope: CallScope,
    entry: CacheEntry,
    answers: (situation: ReadSituation) => boolean,
  ): Promise<boolean> {
    const superseded = !(await this.isCurrent(call, scope, entry));
    const nowMs = this.clock.nowMs();

    return !saysNothingAnyMore(call, entry, nowMs) && answers(this.situationOf(call, scope, entry, superseded, nowMs));
  }

  private situationOf(
    call: Invocation,
    scope: CallScope,
    entry: CacheEntry,
    superseded: boolean,
    nowMs: number,
    session = sessionVerdict(call, scope, entry),
  ): ReadSituation {
    const { policy } = call;

    return {
      policy,
      ageMs: nowMs - entry.asOfMs,
      entryTtlMs: entry.freshUntilMs - entry.asOfMs,
      ttlPassed: nowMs >= entry.freshUntilMs,
      expiresEarly: policy.refresh.beta > 0 && this.isDrawn(policy.refresh.beta, entry, nowMs),
      superseded,
      demand: scope.demand,
      session,
    };
  }

  private isDrawn(beta: number, { freshUntilMs, loadStartMs, loadEndMs }: CacheEntry, nowMs: number): boolean {
    return expiresEarly({ nowMs, freshUntilMs, loadMs: loadEndMs - loadStartMs, beta, random: this.random() });
  }
}

/** That there was nothing does not outlive its own ttl, whatever else the policy allows. */
function saysNothingAnyMore({ policy }: Invocation, { freshUntilMs, sealed }: CacheEntry, nowMs: number): boolean {
  return policy.negative !== undefined && freshUntilMs <= nowMs && policy.negative.isNothing(sealed.value);
}

/** A copy's instants may be rounded, so that its own original looks younger; it is the same load all the same. */
function isYounger(entry: CacheEntry, than: CacheEntry): boolean {
  return entry.nonce !== than.nonce && entry.asOfMs > than.asOfMs;
}

/** What the caller's ticket says; a policy that promises nothing to a session never asks for one. */
function sessionVerdict({ policy }: Invocation, { session }: CallScope, entry: CacheEntry): SessionVerdict {
  if (policy.consistency !== 'session') return 'ok';

  return session === undefined ? 'no-session' : session.current().accepts(entry);
}
