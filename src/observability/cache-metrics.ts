import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import type { TicketFault } from '../context/ticket-codec.js';
import type { CacheEvent, RefusalReason } from './cache-event.js';
import type { CacheEvents } from './event-channel.js';

/** What one cache has done since the application started. */
export interface CacheFigures {
  /** Reads answered by a valid entry. */
  readonly hit: number;
  /** Reads that no entry could answer at first: each ended in a load, its own or a joined one. */
  readonly miss: number;
  /** Reads answered by an entry past its `ttl`, within the declared bound: while it was loaded anew, or because that failed. */
  readonly stale: number;
  /** Reads for which the cache was left out on purpose: `condition` or `@NoCache`. */
  readonly bypass: number;
  /** Calls answered by the method itself because caching them would not have been safe; also part of `miss` when that showed only after the load. */
  readonly refused: number;
  /** Refusals by reason. */
  readonly refusals: Readonly<Partial<Record<RefusalReason, number>>>;
  /** Calls of the origin made for this cache. */
  readonly loads: number;
  /** Misses that shared a load already running. */
  readonly joined: number;
  /** Loads that came to nothing, for whatever reason. */
  readonly loadErrors: number;
  /** Loads that were given up because their deadline had passed; part of `loadErrors`, as the next. */
  readonly loadsTimedOut: number;
  /** Loads whose origin was not called: it had too much to do, or kept failing. */
  readonly loadsRejected: number;
  /** Time spent in loads, in ms: the slow queries that the cache hides. */
  readonly loadMsTotal: number;
  readonly loadMsMax: number;
  /** Half of all loads took no longer, in ms; as the next, to about a hundredth of itself. */
  readonly loadMsP50: number;
  /** 99 of 100 loads took no longer, in ms. */
  readonly loadMsP99: number;
  /** Loads that took longer than the policy's `slowAfter`. */
  readonly slowLoads: number;
  /** The caches that its loads have read, by name: what evicts one of them evicts this one too. */
  readonly madeOf: readonly string[];
  /** Entries that answered and were loaded anew in the background. */
  readonly refreshes: number;
  readonly refreshErrors: number;
  /** Times the store failed or did not answer in time. */
  readonly storeErrors: number;
  /** Entries of another key or caller that the store gave back, and that were not served. */
  readonly wrongEntries: number;
}

/** What the evictions of the application have done since it started. */
export interface EvictionFigures {
  /** Evictions carried out. */
  readonly evictions: number;
  /** Evictions of a whole family because a value could not be computed. */
  readonly widened: number;
  readonly failed: number;
  /** Linearizable writes that were not begun, because they could not be announced. */
  readonly refused: number;
  /** Linearizable writes that went on without an announcement, as declared. */
  readonly degraded: number;
  /** Linearizable writes whose announcement ended before they did. */
  readonly intentsLost: number;
  /** Tags whose eviction could not be confirmed, and is being tried again. */
  readonly owed: number;
  /** Evictions of other writers that this process carried out from the outbox: transactions are not told apart. */
  readonly relayed: number;
  /** Transactions that were committed without their evictions in the outbox. */
  readonly unrecorded: number;
  /** Times it was not known what had been written past the application, so that whole families were evicted. */
  readonly feedRestarts: number;
  /** Outboxes and feeds that cannot do their work at present. */
  readonly relaysSuspended: number;
}

/** What a shared store has been through since the application started. */
export interface StoreFigures {
  /** Times it failed or hung, and nobody waited for it until it answered again. */
  readonly suspended: number;
  readonly suspendedMsTotal: number;
  /** Connections given up because a reply belonged to another key. */
  readonly connectionsDropped: number;
  /** Session tickets that were ignored, by reason. */
  readonly ticketsRejected: Readonly<Partial<Record<TicketFault, number>>>;
}

type Counted = Omit<CacheFigures, 'loadMsP50' | 'loadMsP99' | 'madeOf'>;
type Counters = { -readonly [Name in keyof Counted]: Counted[Name] } & {
  refusals: Partial<Record<RefusalReason, number>>;
  /** In µs; made with the first load. */
  loadTimes: RecordableHistogram | undefined;
  madeOf: Set<string>;
};

const MICROSECONDS = 1_000;

/** Figures by policy, made from the events alone. They carry names of policies and never a key. */
export class CacheMetrics {
  private readonly byPolicy = new Map<string, Counters>();
  private readonly evicted = {
    evictions: 0,
    widened: 0,
    failed: 0,
    refused: 0,
    degraded: 0,
    intentsLost: 0,
    owed: 0,
    relayed: 0,
    unrecorded: 0,
    feedRestarts: 0,
    relaysSuspended: 0,
  };
  private readonly store = { suspended: 0, suspendedMsTotal: 0, connectionsDropped: 0 };
  private readonly ticketsRejected: Partial<Record<TicketFault, number>> = {};

  constructor(events: CacheEvents) {
    events.subscribe((event) => {
      this.count(event);
    });
  }

  /** The figures of every cache that has been read, by the policy's name. */
  figures(): Readonly<Record<string, CacheFigures>> {
    return Object.fromEntries([...this.byPolicy].map(([name, counters]) => [name, snapshotOf(counters)]));
  }

  /** The figures of one cache; all zero before its first read. */
  figuresOf(policy: string): CacheFigures {
    return snapshotOf(this.byPolicy.get(policy) ?? zero());
  }

  evictionFigures(): EvictionFigures {
    return { ...this.evicted };
  }

  storeFigures(): StoreFigures {
    return { ...this.store, ticketsRejected: { ...this.ticketsRejected } };
  }

  private count(event: CacheEvent): void {
    switch (event.type) {
      case 'entry-served':
        this.of(event.policy)[event.outcome] += 1;
        return;
      case 'entry-missed':
        this.of(event.policy).miss += 1;
        return;
      case 'load-joined':
        this.of(event.policy).joined += 1;
        return;
      case 'load-finished':
      case 'load-failed': {
        const counters = this.of(event.policy);
        if (event.type === 'load-failed') counters.loadErrors += 1;
        if (event.type === 'load-failed' && (event.because === 'overloaded' || event.because === 'suspended')) {
          counters.loadsRejected += 1;
          return;
        }
        counters.loads += 1;
        counters.loadMsTotal += event.loadMs;
        counters.loadMsMax = Math.max(counters.loadMsMax, event.loadMs);
        counters.loadTimes ??= createHistogram();
        counters.loadTimes.record(Math.max(1, Math.round(event.loadMs * MICROSECONDS)));
        if (event.type === 'load-failed' && event.because === 'timed-out') counters.loadsTimedOut += 1;
        if (event.type === 'load-finished') for (const cache of event.madeOf) counters.madeOf.add(cache);
        return;
      }
      case 'load-slow':
        this.of(event.policy).slowLoads += 1;
        return;
      case 'refresh-begun':
        this.of(event.policy).refreshes += 1;
        return;
      case 'refresh-failed':
        this.of(event.policy).refreshErrors += 1;
        return;
      case 'origin-suspended':
      case 'origin-resumed':
        return;
      case 'read-bypassed':
        this.of(event.policy).bypass += 1;
        return;
      case 'read-refused': {
        const counters = this.of(event.policy);
        counters.refused += 1;
        counters.refusals[event.because] = (counters.refusals[event.because] ?? 0) + 1;
        return;
      }
      case 'wrong-entry':
        this.of(event.policy).wrongEntries += 1;
        return;
      case 'store-failed':
        this.of(event.policy).storeErrors += 1;
        return;
      case 'tags-evicted':
        this.evicted.evictions += 1;
        return;
      case 'eviction-widened':
        this.evicted.widened += 1;
        return;
      case 'eviction-failed':
        this.evicted.failed += 1;
        return;
      case 'write-refused':
        this.evicted.refused += 1;
        return;
      case 'write-degraded':
        this.evicted.degraded += 1;
        return;
      case 'intent-lost':
        this.evicted.intentsLost += 1;
        return;
      case 'eviction-owed':
        this.evicted.owed += event.tags.length;
        return;
      case 'eviction-settled':
        this.evicted.owed -= event.tags.length;
        return;
      case 'eviction-relayed':
        this.evicted.relayed += 1;
        return;
      case 'eviction-unrecorded':
        this.evicted.unrecorded += 1;
        return;
      case 'feed-restarted':
        this.evicted.feedRestarts += 1;
        return;
      case 'relay-suspended':
        this.evicted.relaysSuspended += 1;
        return;
      case 'relay-resumed':
        this.evicted.relaysSuspended -= 1;
        return;
      case 'store-suspended':
        this.store.suspended += 1;
        return;
      case 'store-resumed':
        this.store.suspendedMsTotal += event.suspendedMs;
        return;
      case 'connection-dropped':
        this.store.connectionsDropped += 1;
        return;
      case 'ticket-rejected':
        this.ticketsRejected[event.because] = (this.ticketsRejected[event.because] ?? 0) + 1;
        return;
    }
  }

  private of(policy: string): Counters {
    let counters = this.byPolicy.get(policy);
    if (counters === undefined) this.byPolicy.set(policy, (counters = zero()));

    return counters;
  }
}

function zero(): Counters {
  return {
    hit: 0,
    miss: 0,
    stale: 0,
    bypass: 0,
    refused: 0,
    refusals: {},
    loads: 0,
    joined: 0,
    loadErrors: 0,
    loadsTimedOut: 0,
    loadsRejected: 0,
    loadMsTotal: 0,
    loadMsMax: 0,
    slowLoads: 0,
    refreshes: 0,
    refreshErrors: 0,
    loadTimes: undefined,
    madeOf: new Set(),
    storeErrors: 0,
    wrongEntries: 0,
  };
}

function snapshotOf({ loadTimes, refusals, madeOf, ...counters }: Counters): CacheFigures {
  const percentile = (share: number): number =>
    loadTimes === undefined ? 0 : loadTimes.percentile(share) / MICROSECONDS;

  return {
    ...counters,
    refusals: { ...refusals },
    loadMsP50: percentile(50),
    loadMsP99: percentile(99),
    madeOf: [...madeOf].sort(),
  };
}
