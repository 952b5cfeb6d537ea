import type { CallScope } from '../context/call-scope.js';
import type { LoadLeases } from '../coordination/load-leases.js';
import type { VersionStore } from '../coordination/version-store.js';
import type { WriteIntents } from '../coordination/write-intents.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { snapshotId } from '../entry/version-snapshot.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { Audience, untilLeft } from '../stampede/audience.js';
import { FlightWaits } from '../stampede/flight-waits.js';
import { FollowingFlight } from '../stampede/following-flight.js';
import { LeasedFlight } from '../stampede/leased-flight.js';
import { SingleFlight } from '../stampede/single-flight.js';
import type { Flight } from '../stampede/single-flight.js';
import { fullKeyOf } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { EntryJudge } from './entry-judge.js';
import type { Invocation } from './invocation.js';
import { whenReady } from './maybe-promise.js';
import type { LoadOrder, LoadOutcome, OriginLoader } from './origin-loader.js';
import {
  isLasting,
  patienceOf,
  loadedElsewhere,
  isShareable,
  isAnybodys,
  earliestAsOf,
  sessionAccepts,
} from './load-answers.js';

/**
 * One load for all callers whom it answers.
 *
 * Invariant: a caller gets the outcome of another's load only if that is no older than the caller may be given, is not
 * its own caller's alone, and is made of versions that were current after the caller came.
 */
export class SharedLoads {
  private readonly flights: SingleFlight<LoadOutcome>;
  private readonly following = new FollowingFlight<LoadOutcome>();
  private readonly waits = new FlightWaits();
  private readonly leased: LeasedFlight;

  /** @param leases undefined where no other process shares the store */
  constructor(
    private readonly loader: OriginLoader,
    private readonly versions: VersionStore,
    private readonly intents: WriteIntents,
    private readonly judge: EntryJudge,
    leases: LoadLeases | undefined,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
  ) {
    this.flights = new SingleFlight(clock);
    this.leased = new LeasedFlight(leases, clock);
  }

  /** Joins a load that is good enough for this caller, or runs one. @throws the reason for which the caller has left */
  load(call: Invocation, scope: CallScope, wanted: WantedLoad): Promise<LoadOutcome> {
    const { snapshot, storeAnswers } = wanted;
    const leaving = scope.leaving?.();
    if (leaving?.aborted === true) return Promise.reject(leaving.reason as Error);
    const order: PlannedLoad = { snapshot, flightId: fullKeyOf(call), storeAnswers, announced: false };
    // What it sees is its own until the commit, or from before others' commits: neither kept nor shared.
    if (scope.transaction !== undefined) return untilLeft(this.loadAlone(call, order), leaving);
    // Without versions nobody can tell whether a running load is older than a write.
    if (snapshot === undefined) return untilLeft(this.loadNext(call, scope, order), leaving);
    const { than } = wanted;
    if (call.policy.consistency !== 'linearizable') return this.loadOrJoin(call, scope, { ...order, snapshot }, than);

    // After the versions were read: a write announced before that is over, or it is found now (docs/explanation/linearizable.md).
    return Promise.resolve(
      whenReady(this.isAnnounced(call, snapshot), (announced) =>
        announced
          ? untilLeft(this.loadNext(call, scope, { ...order, announced }), leaving)
          : this.loadOrJoin(call, scope, { ...order, snapshot }, than),
      ),
    );
  }

  private loadAlone(call: Invocation, order: PlannedLoad): Promise<LoadOutcome> {
    const now: LoadOrder = { ...order, startMs: this.clock.earliestMs(), audience: undefined, inTransaction: true };

    return this.loader.load(call, now);
  }

  private loadOrJoin(
    call: Invocation,
    scope: CallScope,
    order: PlannedLoad & { readonly snapshot: VersionSnapshot },
    than: CacheEntry | undefined,
  ): Promise<LoadOutcome> {
    const { snapshot } = order;
    const flightId = `${order.flightId}|${snapshotId(snapshot)}`;
    const join: Joining = {
      flightId,
      snapshot,
      earliestMs: earliestAsOf(call, scope, than === undefined, this.clock.nowMs()),
      accepts: sessionAccepts(call, scope),
      within: scope.trace?.flightIds() ?? [],
      hasPlace: this.loader.hasPlaceFor(call, scope),
      leaving: scope.leaving?.(),
      lingerMs: (outcome) => (isLasting(call, outcome) ? (call.policy.negative?.ttlMs ?? 0) : 0),
      load: (audience, mayWait) => {
        const load = (): Promise<LoadOutcome> =>
          this.loader.load(call, { ...order, flightId, startMs: this.clock.earliestMs(), audience });
        // Who asks for the origin gets it; a store that does not answer has no leases; and cheap loads are not worth one.
        const alone =
          !mayWait || join.earliestMs === Infinity || !order.storeAnswers || call.policy.load.oncePer === 'process';

        return alone ? load() : this.loadOncePerCluster(call, scope, join, load, than);
      },
    };
    const running = this.joinable(join);
    if (running === undefined) return this.start(join);
    this.publishJoined(call);

    return this.join(join, running);
  }

  private start({ flightId, leaving, load, lingerMs }: Joining): Promise<LoadOutcome> {
    const audience = leaving && new Audience();
    // A load of this process that began too long ago for this caller may hold the lease, and would only be waited for.
    const mayWait = !this.flights.has(flightId);
    const begin = (): Promise<LoadOutcome> => load(audience, mayWait);
    const flight = this.flights.start(flightId, this.clock.earliestMs(), begin, { audience, lingerMs });

    return attend(flight, leaving);
  }

  /** A value that another process has stored meanwhile answers if it is good enough for this caller. */
  private loadOncePerCluster(
    call: Invocation,
    scope: CallScope,
    { flightId, snapshot }: Joining,
    load: () => Promise<LoadOutcome>,
    than: CacheEntry | undefined,
  ): Promise<LoadOutcome> {
    return this.leased.run(flightId, {
      look: async () => {
        const entry = await this.judge.look(call, scope, snapshot, than);
        if (entry === undefined) return undefined;
        this.publishJoined(call);

        return loadedElsewhere(entry);
      },
      load,
      isStored: (outcome) => !outcome.failed && outcome.stored,
      patienceMs: patienceOf(call, scope),
    });
  }

  /**
   * Loads while a write is announced, or while versions cannot be read: nothing that began before this caller came may answer
   * it, because a write may have committed in between, and nothing is stored.
   */
  private async loadNext(call: Invocation, scope: CallScope, order: PlannedLoad): Promise<LoadOutcome> {
    const within = scope.trace?.flightIds() ?? [];
    const { flightId } = order;
    const load = (): Promise<LoadOutcome> =>
      this.loader.load(call, { ...order, startMs: this.clock.earliestMs(), audience: undefined });
    if (this.loader.hasPlaceFor(call, scope)) return load();
    if (within.length > 0 && this.waits.closesCircle(within, flightId)) return load();

    const turn = { own: false };
    const shared = this.following.share(flightId, () => {
      turn.own = true;
      return load();
    });
    const outcome = await this.waits.on(within, flightId, shared);
    if (turn.own) return outcome;
    this.publishJoined(call);

    return isAnybodys(outcome) && (outcome.taint ?? 'write-announced') === 'write-announced' ? outcome : load();
  }

  /** An announcement that cannot be looked for may be there. */
  private isAnnounced({ policy }: Invocation, { tags }: VersionSnapshot): boolean | Promise<boolean> {
    const pending = this.intents.pending(tags);

    return pending instanceof Promise
      ? pending.catch((cause: unknown) => {
          this.events.publish({ type: 'store-failed', policy: policy.name, operation: 'intents', cause });
          return true;
        })
      : pending;
  }

  private publishJoined({ policy, key, subject }: Invocation): void {
    this.events.publish({ type: 'load-joined', policy: policy.name, key, subject: subject.id });
  }

  private async join(joining: Joining, running: Flight<LoadOutcome>): Promise<LoadOutcome> {
    const { flightId, snapshot, earliestMs, accepts, within, leaving } = joining;
    const outcome = await this.waits.on(within, flightId, attend(running, leaving));
    if (!isShareable(outcome)) return alone(joining);
    const isYoungEnough = outcome.asOfMs >= earliestMs && accepts(outcome);
    if (isYoungEnough && (await this.isAsCurrentAs(snapshot, outcome.snapshot))) return outcome;

    // All whom that load does not answer meet in another: whatever else runs by now has begun after each of them came.
    const next = this.joinable(joining);
    if (next === undefined || next === running) return this.start(joining);
    const later = await this.waits.on(within, flightId, attend(next, leaving));

    return isShareable(later) && later.asOfMs >= earliestMs && accepts(later) ? later : alone(joining);
  }

  private joinable({ flightId, earliestMs, within, hasPlace }: Joining): Flight<LoadOutcome> | undefined {
    if (hasPlace) return undefined;
    if (within.length > 0 && this.waits.closesCircle(within, flightId)) return undefined;

    return this.flights.joinable(flightId, earliestMs);
  }

  /**
   * Whether what a joined load read on the way is still current for a caller that came after it began.
   *
   * Those reads have versions of their own, which the flight's id does not contain: a write to one of them may have been
   * acknowledged before this caller came. The load's own versions are the caller's as well.
   */
  private async isAsCurrentAs(own: VersionSnapshot, read: VersionSnapshot): Promise<boolean> {
    if (read.tags.length === own.tags.length) return true;
    try {
      return await this.versions.isCurrent(read);
    } catch {
      // No proof; the caller loads for itself, and hears of the store when it stores what it has loaded.
      return false;
    }
  }
}

/** What a read that found no answer asks for. */
export interface WantedLoad {
  /** The versions that this caller has read; undefined when they could not be read. */
  readonly snapshot: VersionSnapshot | undefined;
  /** Whether the store has just answered. */
  readonly storeAnswers: boolean;
  /** The entry that is to be replaced: only a younger one is an answer. */
  readonly than?: CacheEntry | undefined;
}

/** A load that has not begun. */
type PlannedLoad = Omit<LoadOrder, 'startMs' | 'audience'>;

/** What a caller brings to a load that it may share. */
interface Joining {
  readonly flightId: string;
  /** The versions that it has read. */
  readonly snapshot: VersionSnapshot;
  /** How far back the as-of instant of the outcome may lie for it. */
  readonly earliestMs: number;
  /** Whether its session may be given the outcome. */
  readonly accepts: (outcome: LoadOutcome) => boolean;
  /** The loads that it is part of, which must not wait for each other. */
  readonly within: readonly string[];
  /** Its load has a place at the origin already, for which the load that it could join may be waiting. */
  readonly hasPlace: boolean;
  /** What says that it waits no longer; undefined for one that cannot leave. */
  readonly leaving: AbortSignal | undefined;
  /** For how long an outcome answers those who come after it, in ms. */
  readonly lingerMs: (outcome: LoadOutcome) => number;
  /** @param mayWait for what another process may be loading */
  readonly load: (audience: Audience | undefined, mayWait: boolean) => Promise<LoadOutcome>;
}

/** Loads for one caller, which nobody else waits for. */
function alone({ leaving, load }: Joining): Promise<LoadOutcome> {
  const audience = leaving && new Audience();

  return attend({ audience, result: load(audience, false) }, leaving);
}

/** Waits for a flight on behalf of a caller that may leave. */
function attend(
  { audience, result }: Pick<Flight<LoadOutcome>, 'audience' | 'result'>,
  leaving: AbortSignal | undefined,
): Promise<LoadOutcome> {
  if (audience !== undefined) return audience.attend(result, leaving);

  return untilLeft(result, leaving);
}
