import type { LoadReason, ReadDecision } from '../consistency/decision.js';
import type { CallScope, CallScopes } from '../context/call-scope.js';
import type { TagList, VersionStore } from '../coordination/version-store.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { InvalidTagError } from '../entry/entry.errors.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { ABSENT } from '../storage/entry-store.js';
import { LoadTimedOutError } from '../resilience/bounded-load.js';
import { isRefusal } from '../resilience/origin-guard.js';
import { untilLeft } from '../stampede/audience.js';
import type { EntryStore, Lookup } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { BackgroundRefresh } from './background-refresh.js';
import type { EntryJudge, Sighting } from './entry-judge.js';
import { tagsOf } from './invocation.js';
import type { Invocation } from './invocation.js';
import { whenReady } from './maybe-promise.js';
import type { LoadOutcome } from './origin-loader.js';
import type { ReadAnswers } from './read-answers.js';
import type { SharedLoads } from './shared-loads.js';

type Serving = Exclude<ReadDecision, { readonly action: 'load' }>;

/** Why an entry cannot answer, and the entry, which may still do so when the origin fails. */
interface Miss {
  readonly because: LoadReason;
  readonly entry: CacheEntry | undefined;
  /** Undefined when the entry was looked up in this process. */
  readonly sighting: Sighting | undefined;
}

/**
 * Answers one call of a cached method: look up, decide, then serve or load.
 *
 * Invariants: what is served was decided on versions that were current after the call began; what is stored was loaded
 * after its versions were read.
 */
export class ReadThrough {
  constructor(
    private readonly entries: EntryStore,
    private readonly versions: VersionStore,
    private readonly judge: EntryJudge,
    private readonly loads: SharedLoads,
    private readonly refreshes: BackgroundRefresh,
    private readonly scopes: CallScopes,
    private readonly answers: ReadAnswers,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
  ) {}

  /** Answers without a promise when nothing has to be waited for. What the policy's own functions throw, it throws. */
  read(call: Invocation): unknown {
    const scope = this.scopes.current();
    const lookup = this.entries.find(call);

    if (lookup instanceof Promise) return this.readBeside(call, scope, lookup);

    return lookup.state === 'copied'
      ? this.readCopy(call, scope, lookup.entry)
      : this.judgeLookup(call, scope, lookup, undefined);
  }

  /** Asks for the versions alone: they vouch for a copy as well as for the original, which may be far larger. */
  private async readCopy(call: Invocation, scope: CallScope, entry: CacheEntry): Promise<unknown> {
    let isCurrent: boolean;
    try {
      isCurrent = await this.versions.isCurrent(entry.snapshot);
    } catch (cause) {
      this.storeFailed(call, 'versions', cause);
      const sighting = { tags: undefined, observed: undefined, failed: true };
      return this.load(call, scope, { because: 'store-unavailable', entry, sighting });
    }
    const nowMs = this.clock.nowMs();
    const isOutdated = !isCurrent || scope.transaction?.hasWritten(entry.snapshot.tags) === true;
    const decision = this.judge.decide(call, scope, entry, isOutdated, nowMs);
    if (decision.action !== 'load') return this.serve(call, scope, entry, decision, nowMs);

    // Another process may have loaded it anew.
    return this.readBeside(call, scope, Promise.resolve(this.entries.findShared?.(call) ?? ABSENT));
  }

  /** Asks for the versions in the tick in which the entry was asked for, so that one round trip brings both. */
  private readBeside(call: Invocation, scope: CallScope, finding: Promise<Lookup>): unknown {
    let tags: TagList;
    try {
      tags = tagsOf(call);
    } catch (error) {
      return this.refuseTags(call, error);
    }
    const observing = this.versions.observe?.(tags);
    if (observing === undefined) {
      const sighting = { tags, observed: undefined, failed: false };
      return finding.then((lookup) => this.judgeLookup(call, scope, lookup, sighting));
    }

    return Promise.all([finding, observing.catch(this.withoutVersions(call))]).then(([lookup, observed]) =>
      this.judgeLookup(call, scope, lookup, { tags, observed, failed: observed === undefined }),
    );
  }

  private judgeLookup(call: Invocation, scope: CallScope, lookup: Lookup, sighting: Sighting | undefined): unknown {
    if (lookup.state === 'absent') return this.load(call, scope, { because: 'absent', entry: undefined, sighting });
    if (lookup.state === 'unavailable') {
      this.storeFailed(call, 'find', lookup.cause);
      return this.load(call, scope, { because: 'store-unavailable', entry: undefined, sighting });
    }

    if (lookup.state === 'foreign') return this.rejectWrong(call, scope, 'key', sighting);

    const { entry } = lookup;
    if (entry.subject !== call.subject.id) return this.rejectWrong(call, scope, 'subject', sighting);

    return whenReady(this.judge.isCurrent(call, scope, entry, sighting), (isCurrent) =>
      this.decide(call, scope, entry, !isCurrent, sighting),
    );
  }

  /** The store gave back what belongs to another key or caller. It has happened: to others, with a reply left in a connection. */
  private rejectWrong(
    call: Invocation,
    scope: CallScope,
    mismatch: 'key' | 'subject',
    sighting: Sighting | undefined,
  ): unknown {
    this.events.publish({
      type: 'wrong-entry',
      policy: call.policy.name,
      key: call.key,
      subject: call.subject.id,
      mismatch,
    });

    return this.load(call, scope, { because: 'wrong-entry', entry: undefined, sighting });
  }

  private decide(
    call: Invocation,
    scope: CallScope,
    entry: CacheEntry,
    superseded: boolean,
    sighting: Sighting | undefined,
  ): unknown {
    const nowMs = this.clock.nowMs();
    const decision = this.judge.decide(call, scope, entry, superseded, nowMs);
    if (decision.action === 'load') return this.load(call, scope, { because: decision.because, entry, sighting });
    if (sighting !== undefined) this.entries.keepCopy?.(call, entry);

    return this.serve(call, scope, entry, decision, nowMs);
  }

  private serve(call: Invocation, scope: CallScope, entry: CacheEntry, decision: Serving, nowMs: number): unknown {
    if (decision.action === 'serve') return this.answers.fromEntry(call, scope, entry, 'hit', nowMs);
    this.refreshes.begin(call, entry, decision.because);

    return this.answers.fromEntry(call, scope, entry, decision.because === 'expires-early' ? 'hit' : 'stale', nowMs);
  }

  private load(call: Invocation, scope: CallScope, miss: Miss): unknown {
    this.events.publish({
      type: 'entry-missed',
      policy: call.policy.name,
      key: call.key,
      subject: call.subject.id,
      because: miss.because,
    });
    let tags: TagList;
    try {
      tags = miss.sighting?.tags ?? tagsOf(call);
    } catch (error) {
      return this.refuseTags(call, error);
    }

    return whenReady(this.readOrMint(call, tags, miss.sighting), (snapshot) =>
      this.loadUnder(call, scope, miss, snapshot),
    );
  }

  /** A call whose tags cannot be computed could never be evicted. @throws what is not about tags */
  private refuseTags(call: Invocation, error: unknown): unknown {
    if (!(error instanceof InvalidTagError)) throw error;

    return this.answers.refused(call, 'tag-invalid', error);
  }

  private async loadUnder(
    call: Invocation,
    scope: CallScope,
    miss: Miss,
    snapshot: VersionSnapshot | undefined,
  ): Promise<unknown> {
    const { entry } = miss;
    const storeAnswers = miss.because !== 'store-unavailable';
    const maySoften = entry !== undefined && call.policy.load.softLimitMs !== Infinity;
    // A load that is to go on without this caller must not end when it leaves.
    const loading = this.loads.load(call, maySoften ? { ...scope, leaving: undefined } : scope, {
      snapshot,
      storeAnswers,
    });
    const outcome = await this.withinSoftLimit(call, scope, entry, loading).catch((error: unknown) => {
      this.answers.unanswered(call.policy);
      throw error;
    });
    if ('meanwhile' in outcome) {
      return this.answers.fromEntry(call, scope, outcome.meanwhile, 'stale', this.clock.nowMs());
    }
    if (!outcome.failed) return this.answers.fromLoad(call, scope, outcome);

    const stale =
      entry !== undefined && isTrouble(call, outcome.error) && (await this.judge.answersOnError(call, scope, entry));

    return stale
      ? this.answers.fromEntry(call, scope, entry, 'stale', this.clock.nowMs())
      : this.answers.fromFailure(call, scope, outcome);
  }

  /** Waits for the load, or until the entry at hand may answer in its place; the load then goes on without this caller. */
  private async withinSoftLimit(
    call: Invocation,
    scope: CallScope,
    entry: CacheEntry | undefined,
    loading: Promise<LoadOutcome>,
  ): Promise<LoadOutcome | { readonly meanwhile: CacheEntry }> {
    const { softLimitMs } = call.policy.load;
    if (entry === undefined || softLimitMs === Infinity) return loading;

    let callOff: (() => void) | undefined;
    const limit = new Promise<'too-slow'>((resolve) => {
      callOff = this.clock.after(softLimitMs, () => {
        resolve('too-slow');
      });
    });
    const leaving = scope.leaving?.();
    const first = await untilLeft(Promise.race([loading, limit]), leaving).finally(callOff);
    if (first !== 'too-slow' || !(await this.judge.answersWhileLoading(call, scope, entry))) {
      return untilLeft(loading, leaving);
    }
    // Whoever else waits for it hears of its failure.
    loading.catch(() => undefined);

    return { meanwhile: entry };
  }

  private readOrMint(
    call: Invocation,
    tags: TagList,
    sighting: Sighting | undefined,
  ): VersionSnapshot | undefined | Promise<VersionSnapshot | undefined> {
    if (sighting?.failed === true) return undefined;
    const snapshot = this.versions.readOrMint(tags, sighting?.observed);

    return snapshot instanceof Promise ? snapshot.catch(this.withoutVersions(call)) : snapshot;
  }

  private withoutVersions(call: Invocation): (cause: unknown) => undefined {
    return (cause) => {
      this.storeFailed(call, 'versions', cause);
      return undefined;
    };
  }

  private storeFailed(call: Invocation, operation: 'find' | 'versions', cause: unknown): void {
    this.events.publish({ type: 'store-failed', policy: call.policy.name, operation, cause });
  }
}

/** Whether an entry within its `onError` bound may answer: the origin is in trouble, or was not even asked. */
function isTrouble({ policy }: Invocation, error: unknown): boolean {
  return error instanceof LoadTimedOutError || isRefusal(error) || policy.load.isFailure(error);
}
