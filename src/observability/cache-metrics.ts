import type { TicketFault } from '../context/ticket-codec.js';
import type { CacheEvent, RefusalReason } from './cache-event.js';
import type { CacheEvents } from './event-channel.js';

/** What one cache has done since the application started. */
export interface CacheFigures {
  /** Reads answered by a valid entry. */
  readonly hit: number;
  /** Reads that no entry could answer at first: each ended in a load, its own or a joined one. */
  readonly miss: number;
  /** Misses whose load failed, answered by an entry within its declared `onError` bound. */
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
  readonly loadErrors: number;
  /** Time spent in loads, in ms: the slow queries that the cache hides. */
  readonly loadMsTotal: number;
  readonly loadMsMax: number;
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

type Counters = { -readonly [Name in keyof CacheFigures]: CacheFigures[Name] } & {
  refusals: Partial<Record<RefusalReason, number>>;
};

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
        counters.loads += 1;
        counters.loadMsTotal += event.loadMs;
        counters.loadMsMax = Math.max(counters.loadMsMax, event.loadMs);
        if (event.type === 'load-failed') counters.loadErrors += 1;
        return;
      }
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
    loadMsTotal: 0,
    loadMsMax: 0,
    storeErrors: 0,
    wrongEntries: 0,
  };
}

function snapshotOf(counters: Counters): CacheFigures {
  return { ...counters, refusals: { ...counters.refusals } };
}
