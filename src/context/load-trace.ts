import { mergeSnapshots } from '../entry/version-snapshot.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheScope } from '../policy/cacheable-policy.js';
import type { ConsistencyLevel } from '../policy/consistency-level.js';
import { gives } from '../policy/demand.js';

/** Why the result of a load must not be stored, nor shared with the callers that joined it. */
export type Taint =
  /** The load read who is calling, so its result may be that caller's own. */
  | 'identity-read'
  /** It read something that belongs to a narrower scope than its own. */
  | 'narrower-scope-read'
  /** It called a `@NoCache` method. */
  | 'no-cache-read'
  /** It called a cached method whose result carries no versions, so nothing could evict what is built on it. */
  | 'untracked-read'
  /** Two of its reads saw different versions of one tag: a write came in between. */
  | 'versions-changed'
  /**
   * It is linearizable and made a cached read whose writes are not announced, so nothing vouches for the moment of a hit; or it
   * promises that writes are seen, and read what other programs write.
   */
  | 'weaker-level-read'
  /** It ran inside a transaction, and saw what nobody else may see, or what was there when that began. */
  | 'in-transaction'
  /** A write of what it read was announced and may have committed meanwhile. */
  | 'write-announced';

/** To whom something belongs. */
export interface Belonging {
  readonly scope: CacheScope;
  /** Keyed hash of the user or tenant; undefined for `shared`. */
  readonly subject: string | undefined;
}

/** What a cached read answered, as far as a load that made it is concerned. */
export interface ReadTrace extends Belonging {
  /** The name of the policy. */
  readonly cache: string;
  readonly level: ConsistencyLevel;
  readonly asOfMs: number;
  /** Undefined when the result was not stored under any version. */
  readonly snapshot: VersionSnapshot | undefined;
  readonly taint: Taint | undefined;
}

/**
 * What one running load has read: its guarantee can be no better than theirs.
 *
 * Work that outlives the load no longer counts: a closed trace takes nothing in.
 */
export class LoadTrace {
  private closed = false;
  private oldestAsOfMs: number;
  private collected: VersionSnapshot;
  private tainted: Taint | undefined;
  private caches: Set<string> | undefined;
  private readonly parent: LoadTrace | undefined;

  constructor(
    readonly flightId: string,
    private readonly belonging: Belonging,
    startMs: number,
    snapshot: VersionSnapshot,
    parent: LoadTrace | undefined,
    private readonly level: ConsistencyLevel,
  ) {
    this.parent = parent?.running();
    this.oldestAsOfMs = startMs;
    this.collected = snapshot;
  }

  get asOfMs(): number {
    return this.oldestAsOfMs;
  }

  get snapshot(): VersionSnapshot {
    return this.collected;
  }

  get taint(): Taint | undefined {
    return this.tainted;
  }

  /** The names of the caches that the load has read. */
  get madeOf(): readonly string[] {
    return this.caches === undefined ? NOTHING : [...this.caches];
  }

  close(): void {
    this.closed = true;
  }

  /** The first taint stands, unless it says less than the next: an announced write alone would let the result be shared. */
  mark(taint: Taint): void {
    if (this.closed) return;
    if (this.tainted === undefined || severityOf(taint) > severityOf(this.tainted)) this.tainted = taint;
  }

  /**
   * The load read the caller's identity; harmless only where the entry is that caller's own. Nobody's own is no entry: a job
   * may read for a user whom its arguments name.
   */
  markIdentityRead(isKnown = true): void {
    if (this.belonging.scope !== 'user' || !isKnown) this.mark('identity-read');
  }

  /** The load read the caller's tenant; harmless unless the entry is everybody's. */
  markTenantRead(isKnown = true): void {
    if (this.belonging.scope === 'shared' || !isKnown) this.mark('identity-read');
  }

  /** The load made a cached read of its own. */
  absorb(read: ReadTrace): void {
    if (this.closed) return;
    (this.caches ??= new Set()).add(read.cache);
    this.oldestAsOfMs = Math.min(this.oldestAsOfMs, read.asOfMs);
    if (!this.covers(read)) this.mark('narrower-scope-read');
    if (this.level === 'linearizable' && !gives(read.level, 'linearizable')) this.mark('weaker-level-read');
    if (read.taint === 'identity-read' || read.taint === 'narrower-scope-read') this.markIdentityRead();
    else if (read.taint !== undefined) this.mark(read.taint);
    if (read.snapshot === undefined) {
      if (read.taint === undefined) this.mark('untracked-read');
      return;
    }
    const merged = mergeSnapshots(this.collected, read.snapshot);
    if (merged === undefined) this.mark('versions-changed');
    else this.collected = merged;
  }

  /** The flights of this load and of those around it: while it waits, they all do. */
  flightIds(): readonly string[] {
    const ids: string[] = [];
    for (let each: LoadTrace | undefined = this.running(); each !== undefined; each = each.parent)
      ids.push(each.flightId);

    return ids;
  }

  /** This load, or the nearest around it that has not ended: nobody waits for what an ended load has left behind. */
  private running(): LoadTrace | undefined {
    return this.closed ? this.parent?.running() : this;
  }

  private covers({ scope, subject }: Belonging): boolean {
    if (scope === 'shared') return true;
    if (this.belonging.scope === 'user') return scope === 'tenant' || subject === this.belonging.subject;

    return this.belonging.scope === scope && subject === this.belonging.subject;
  }
}

const NOTHING: readonly string[] = [];

/** The moment of a load says less than what it was made of. */
function severityOf(taint: Taint): number {
  if (taint === 'write-announced') return 0;

  return taint === 'in-transaction' ? 1 : 2;
}
