import type { CallScope } from '../context/call-scope.js';
import type { VersionStore } from '../coordination/version-store.js';
import type { WriteIntents } from '../coordination/write-intents.js';
import { snapshotId } from '../entry/version-snapshot.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { FollowingFlight } from '../stampede/following-flight.js';
import { FlightWaits } from '../stampede/flight-waits.js';
import { gives } from '../policy/demand.js';
import { SingleFlight } from '../stampede/single-flight.js';
import type { Flight } from '../stampede/single-flight.js';
import { fullKeyOf } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { Invocation } from './invocation.js';
import { whenReady } from './maybe-promise.js';
import type { LoadOrder, LoadOutcome, OriginLoader } from './origin-loader.js';

/**
 * One load for all callers whom it answers.
 *
 * Invariant: a caller gets the outcome of another's load only if that is no older than the caller may be given, is not
 * its own caller's alone, and is made of versions that were current after the caller came.
 */
export class SharedLoads {
  private readonly flights = new SingleFlight<LoadOutcome>();
  private readonly following = new FollowingFlight<LoadOutcome>();
  private readonly waits = new FlightWaits();

  constructor(
    private readonly loader: OriginLoader,
    private readonly versions: VersionStore,
    private readonly intents: WriteIntents,
    private readonly clock: Clock,
    private readonly events: CacheEvents,
  ) {}

  /**
   * Joins a load that is good enough for this caller, or runs one.
   *
   * @param snapshot the versions that this caller has read; undefined when they could not be read
   * @param storeAnswers whether the store has just answered
   */
  load(
    call: Invocation,
    scope: CallScope,
    snapshot: VersionSnapshot | undefined,
    storeAnswers: boolean,
  ): Promise<LoadOutcome> {
    const order: PlannedLoad = { snapshot, flightId: fullKeyOf(call), storeAnswers, announced: false };
    // Without versions nobody can tell whether a running load is older than a write.
    if (snapshot === undefined) return this.loadNext(call, scope, order);
    if (call.policy.consistency !== 'linearizable') return this.loadOrJoin(call, scope, { ...order, snapshot });

    // After the versions were read: a write announced before that is over, or it is found now (docs/explanation/linearizable.md).
    return Promise.resolve(
      whenReady(this.isAnnounced(call, snapshot), (announced) =>
        announced
          ? this.loadNext(call, scope, { ...order, announced })
          : this.loadOrJoin(call, scope, { ...order, snapshot }),
      ),
    );
  }

  private loadOrJoin(
    call: Invocation,
    scope: CallScope,
    order: PlannedLoad & { readonly snapshot: VersionSnapshot },
  ): Promise<LoadOutcome> {
    const { snapshot } = order;
    const flightId = `${order.flightId}|${snapshotId(snapshot)}`;
    const nowMs = this.clock.earliestMs();
    const join: Joining = {
      flightId,
      snapshot,
      earliestMs: earliestAsOf(call, scope, this.clock.nowMs()),
      accepts: sessionAccepts(call, scope),
      within: scope.trace?.flightIds() ?? [],
      load: (startMs) => this.loader.load(call, { ...order, flightId, startMs }),
    };
    const running = this.joinable(join);
    if (running === undefined) return this.flights.start(flightId, nowMs, () => join.load(nowMs)).result;
    this.publishJoined(call);

    return this.join(join, running);
  }

  /**
   * Loads while a write is announced, or while versions cannot be read: nothing that began before this caller came may answer
   * it, because a write may have committed in between, and nothing is stored.
   */
  private async loadNext(call: Invocation, scope: CallScope, order: PlannedLoad): Promise<LoadOutcome> {
    const within = scope.trace?.flightIds() ?? [];
    const { flightId } = order;
    const load = (): Promise<LoadOutcome> => this.loader.load(call, { ...order, startMs: this.clock.earliestMs() });
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
    const { flightId, snapshot, earliestMs, accepts, within, load } = joining;
    const outcome = await this.waits.on(within, flightId, running.result);
    if (!isShareable(outcome)) return load(this.clock.earliestMs());
    const isYoungEnough = outcome.asOfMs >= earliestMs && accepts(outcome);
    if (isYoungEnough && (await this.isAsCurrentAs(snapshot, outcome.snapshot))) return outcome;

    // All whom that load does not answer meet in another: whatever runs by now has begun after each of them came.
    const nowMs = this.clock.earliestMs();
    const next = this.joinable(joining) ?? this.flights.start(flightId, nowMs, () => load(nowMs));
    const later = await this.waits.on(within, flightId, next.result);

    return isShareable(later) && later.asOfMs >= earliestMs && accepts(later) ? later : load(this.clock.earliestMs());
  }

  private joinable({ flightId, earliestMs, within }: Joining): Flight<LoadOutcome> | undefined {
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

/** A load that has not begun. */
type PlannedLoad = Omit<LoadOrder, 'startMs'>;

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
  readonly load: (startMs: number) => Promise<LoadOutcome>;
}

/** Whether an outcome is not its own caller's alone, and is made of one state. */
function isShareable(outcome: LoadOutcome): outcome is LoadOutcome & { readonly snapshot: VersionSnapshot } {
  return isAnybodys(outcome) && outcome.snapshot !== undefined && outcome.taint === undefined;
}

/** Whether it is what the key says, and can be handed to more than one. */
function isAnybodys(outcome: LoadOutcome): boolean {
  return outcome.unchanged && (outcome.failed || outcome.entry !== undefined);
}

/**
 * How far back the as-of instant of a joined load may lie for this caller.
 *
 * Nothing that began before the caller came will do when it asks for the origin (`max: 0`), when it builds a strong value on
 * a level that may miss an acknowledged write, or when nothing is known of what it has seen before.
 */
function earliestAsOf({ policy }: Invocation, { demand, session }: CallScope, nowMs: number): number {
  if (policy.consistency === 'immutable') return -Infinity;
  if (policy.consistency === 'session' && session === undefined) return Infinity;
  if (demand.maxStalenessMs === 0 || !gives(policy.consistency, demand.guarantee)) return Infinity;

  return nowMs - Math.min(policy.maxStalenessMs, demand.maxStalenessMs);
}

/** Of no entry, so that it is never the one that was seen last. */
const NO_NONCE = '';

/** Whatever a load came to, its error too, is judged as an entry of it would be. */
function sessionAccepts(call: Invocation, { session }: CallScope): (outcome: LoadOutcome) => boolean {
  if (call.policy.consistency !== 'session' || session === undefined) return () => true;
  const key = fullKeyOf(call);

  return (outcome) => {
    const { asOfMs, snapshot } = outcome;
    if (snapshot === undefined) return false;
    const nonce = outcome.failed ? outcome.nonce : (outcome.entry?.nonce ?? NO_NONCE);

    return session.current().accepts({ key, nonce, asOfMs, snapshot }, outcome.session === session) === 'ok';
  };
}
