import { answersOnError, decideRead } from '../consistency/decide-read.js';
import type { LoadReason } from '../consistency/decision.js';
import type { CallScope, CallScopes } from '../context/call-scope.js';
import type { TagList, VersionStore } from '../coordination/version-store.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { InvalidTagError } from '../entry/entry.errors.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheEvents } from '../observability/event-channel.js';
import type { EntryStore, Lookup } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import { tagsOf } from './invocation.js';
import type { Invocation } from './invocation.js';
import { whenReady } from './maybe-promise.js';
import { isOriginFailure } from './origin-result.js';
import type { ReadAnswers } from './read-answers.js';
import type { SharedLoads } from './shared-loads.js';

/** Why an entry cannot answer, and the entry, which may still do so when the origin fails. */
interface Miss {
  readonly because: LoadReason;
  readonly entry: CacheEntry | undefined;
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
    private readonly loads: SharedLoads,
    private readonly scopes: CallScopes,
    private readonly answers: ReadAnswers,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
  ) {}

  /** Answers without a promise when nothing has to be waited for. What the policy's own functions throw, it throws. */
  read(call: Invocation): unknown {
    const scope = this.scopes.current();
    const lookup = this.entries.find(call);

    return whenReady(lookup, (found) => this.judge(call, scope, found));
  }

  private judge(call: Invocation, scope: CallScope, lookup: Lookup): unknown {
    if (lookup.state === 'absent') return this.load(call, scope, { because: 'absent', entry: undefined });
    if (lookup.state === 'unavailable') {
      this.storeFailed(call, 'find', lookup.cause);
      return this.load(call, scope, { because: 'store-unavailable', entry: undefined });
    }

    if (lookup.state === 'foreign') return this.rejectWrong(call, scope, 'key');

    const { entry } = lookup;
    if (entry.subject !== call.subject.id) return this.rejectWrong(call, scope, 'subject');

    return whenReady(this.isCurrent(call, entry), (isCurrent) => this.decide(call, scope, entry, !isCurrent));
  }

  /** The store gave back what belongs to another key or caller. It has happened: to others, with a reply left in a connection. */
  private rejectWrong(call: Invocation, scope: CallScope, mismatch: 'key' | 'subject'): unknown {
    this.events.publish({
      type: 'wrong-entry',
      policy: call.policy.name,
      key: call.key,
      subject: call.subject.id,
      mismatch,
    });

    return this.load(call, scope, { because: 'wrong-entry', entry: undefined });
  }

  private decide(call: Invocation, scope: CallScope, entry: CacheEntry, superseded: boolean): unknown {
    const { policy } = call;
    const { demand } = scope;
    const nowMs = this.clock.nowMs();
    const ageMs = nowMs - entry.asOfMs;
    const ttlPassed = nowMs >= entry.freshUntilMs;
    const decision = decideRead({ policy, ageMs, ttlPassed, superseded, demand });
    if (decision.action === 'load') return this.load(call, scope, { because: decision.because, entry });

    return this.answers.fromEntry(call, scope, entry, 'hit', nowMs);
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
      tags = tagsOf(call);
    } catch (error) {
      if (!(error instanceof InvalidTagError)) throw error;
      return this.answers.refused(call, 'tag-invalid', error);
    }

    return whenReady(this.readOrMint(call, tags), (snapshot) => this.loadUnder(call, scope, miss, snapshot));
  }

  private async loadUnder(
    call: Invocation,
    scope: CallScope,
    miss: Miss,
    snapshot: VersionSnapshot | undefined,
  ): Promise<unknown> {
    const storeAnswers = miss.because !== 'store-unavailable';
    const outcome = await this.loads.load(call, scope, snapshot, storeAnswers);
    if (!outcome.failed) return this.answers.fromLoad(call, scope, outcome);

    const { entry } = miss;
    const stale =
      entry !== undefined && isOriginFailure(outcome.error) && (await this.mayAnswerOnError(call, scope, entry));

    return stale
      ? this.answers.fromEntry(call, scope, entry, 'stale', this.clock.nowMs())
      : this.answers.fromFailure(call, scope, outcome);
  }

  private async mayAnswerOnError(call: Invocation, { demand }: CallScope, entry: CacheEntry): Promise<boolean> {
    const superseded = !(await this.isCurrent(call, entry));
    const nowMs = this.clock.nowMs();
    const { policy } = call;

    return answersOnError({
      policy,
      ageMs: nowMs - entry.asOfMs,
      ttlPassed: nowMs >= entry.freshUntilMs,
      superseded,
      demand,
    });
  }

  /** A version store that does not answer leaves no proof that the entry is current. */
  private isCurrent(call: Invocation, entry: CacheEntry): boolean | Promise<boolean> {
    const current = this.versions.isCurrent(entry.snapshot);

    return typeof current === 'boolean'
      ? current
      : current.catch((cause: unknown) => {
          this.storeFailed(call, 'versions', cause);
          return false;
        });
  }

  private readOrMint(
    call: Invocation,
    tags: TagList,
  ): VersionSnapshot | undefined | Promise<VersionSnapshot | undefined> {
    const snapshot = this.versions.readOrMint(tags);

    return snapshot instanceof Promise
      ? snapshot.catch((cause: unknown) => {
          this.storeFailed(call, 'versions', cause);
          return undefined;
        })
      : snapshot;
  }

  private storeFailed(call: Invocation, operation: 'find' | 'versions', cause: unknown): void {
    this.events.publish({ type: 'store-failed', policy: call.policy.name, operation, cause });
  }
}
