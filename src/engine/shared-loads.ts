import type { CallScope } from '../context/call-scope.js';
import type { VersionStore } from '../coordination/version-store.js';
import { snapshotId } from '../entry/version-snapshot.js';
import type { VersionSnapshot } from '../entry/version-snapshot.js';
import type { CacheEvents } from '../observability/event-channel.js';
import { FlightWaits } from '../stampede/flight-waits.js';
import { SingleFlight } from '../stampede/single-flight.js';
import type { Flight } from '../stampede/single-flight.js';
import { fullKeyOf } from '../storage/entry-store.js';
import type { Clock } from '../time/clock.js';
import type { Invocation } from './invocation.js';
import type { LoadOutcome, OriginLoader } from './origin-loader.js';

/**
 * One load for all callers whom it answers.
 *
 * Invariant: a caller gets the outcome of another's load only if that is no older than the caller may be given, is not
 * its own caller's alone, and is made of versions that were current after the caller came.
 */
export class SharedLoads {
  private readonly flights = new SingleFlight<LoadOutcome>();
  private readonly waits = new FlightWaits();

  constructor(
    private readonly loader: OriginLoader,
    private readonly versions: VersionStore,
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
    // Without versions nobody can tell whether a running load is older than a write, so each caller loads for itself.
    if (snapshot === undefined) {
      const order = { snapshot, flightId: fullKeyOf(call), startMs: this.clock.nowMs(), storeAnswers };
      return this.loader.load(call, order);
    }

    const flightId = `${fullKeyOf(call)}|${snapshotId(snapshot)}`;
    const nowMs = this.clock.nowMs();
    const join: Joining = {
      flightId,
      snapshot,
      earliestMs: earliestAsOf(call, scope, nowMs),
      within: scope.trace?.flightIds() ?? [],
      load: (startMs) => this.loader.load(call, { snapshot, flightId, startMs, storeAnswers }),
    };
    const running = this.joinable(join);
    if (running === undefined) return this.flights.start(flightId, nowMs, () => join.load(nowMs)).result;
    this.events.publish({ type: 'load-joined', policy: call.policy.name, key: call.key, subject: call.subject.id });

    return this.join(join, running);
  }

  private async join(joining: Joining, running: Flight<LoadOutcome>): Promise<LoadOutcome> {
    const { flightId, snapshot, earliestMs, within, load } = joining;
    const outcome = await this.waits.on(within, flightId, running.result);
    if (!isShareable(outcome)) return load(this.clock.nowMs());
    if (outcome.asOfMs >= earliestMs && (await this.isAsCurrentAs(snapshot, outcome.snapshot))) return outcome;

    // All whom that load does not answer meet in another: whatever runs by now has begun after each of them came.
    const nowMs = this.clock.nowMs();
    const next = this.joinable(joining) ?? this.flights.start(flightId, nowMs, () => load(nowMs));
    const later = await this.waits.on(within, flightId, next.result);

    return isShareable(later) && later.asOfMs >= earliestMs ? later : load(this.clock.nowMs());
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

/** What a caller brings to a load that it may share. */
interface Joining {
  readonly flightId: string;
  /** The versions that it has read. */
  readonly snapshot: VersionSnapshot;
  /** How far back the as-of instant of the outcome may lie for it. */
  readonly earliestMs: number;
  /** The loads that it is part of, which must not wait for each other. */
  readonly within: readonly string[];
  readonly load: (startMs: number) => Promise<LoadOutcome>;
}

/** Whether an outcome is not its own caller's alone, and is made of one state. */
function isShareable(outcome: LoadOutcome): outcome is LoadOutcome & { readonly snapshot: VersionSnapshot } {
  const isAnybodys = outcome.failed || outcome.entry !== undefined;

  return isAnybodys && outcome.snapshot !== undefined && outcome.taint === undefined;
}

/**
 * How far back the as-of instant of a joined load may lie for this caller.
 *
 * Nothing that began before the caller came will do when it asks for the origin (`max: 0`), or when it builds a strong
 * value on a level that may miss an acknowledged write.
 */
function earliestAsOf({ policy }: Invocation, { demand }: CallScope, nowMs: number): number {
  if (policy.consistency === 'immutable') return -Infinity;
  if (demand.maxStalenessMs === 0 || (demand.strong && policy.consistency !== 'strong')) return Infinity;

  return nowMs - Math.min(policy.maxStalenessMs, demand.maxStalenessMs);
}
