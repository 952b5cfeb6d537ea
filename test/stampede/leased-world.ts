import { ManualClock } from 'nestjs-consistent-cache/testing';
import type { LeaseTimes, LoadLeases } from '../../src/coordination/load-leases.js';
import { RedisLoadLeases } from '../../src/coordination/redis/redis-load-leases.js';
import type { Answer } from '../../src/coordination/redis/redis-link.js';
import { LeasedFlight } from '../../src/stampede/leased-flight.js';
import { SingleFlight } from '../../src/stampede/single-flight.js';
import { Clock } from '../../src/time/clock.js';
import { ScriptedLink } from '../coordination/redis/scripted-link.js';
import { LeaseServer } from './lease-server.js';

/** One call of the origin. */
export interface OriginCall {
  readonly by: string;
  readonly startMs: number;
  endMs: number | undefined;
}

/** What a process found or loaded, and how long it waited for that or before it called the origin. */
export interface Reading {
  readonly value: string;
  readonly waitedMs: number;
}

/** How the origin answers a process. */
export interface LoadPlan {
  readonly loadMs: number;
  readonly stores?: boolean;
  readonly fails?: boolean;
  readonly patienceMs?: number;
}

export interface ProcessSettings {
  readonly roundTripMs?: number;
  /** In place of leases in the server. */
  readonly leases?: LoadLeases | undefined;
  readonly random?: () => number;
}

/** Long beside everything else that takes time here. */
const LONG_LEASES: LeaseTimes = { leaseMs: 3_000, fruitlessMs: 200 };

/** One store and the processes that share it, on one clock that moves only when told. */
export class LeasedWorld {
  readonly clock = new ManualClock(0);
  readonly server = new LeaseServer(this.clock);
  readonly calls: OriginCall[] = [];
  /** The most calls of the origin that ever ran at once. */
  mostAtOnce = 0;

  constructor(readonly times: LeaseTimes = LONG_LEASES) {}

  process(name: string, settings: ProcessSettings = {}): LeasedProcess {
    return new LeasedProcess(this, name, settings);
  }

  /** Millisecond by millisecond, and in each everything happens that can. */
  async pass(ms: number): Promise<void> {
    await quiet();
    for (let passed = 0; passed < ms; passed += 1) {
      this.clock.advance(1);
      await quiet();
    }
  }

  begin(by: string): OriginCall {
    const call: OriginCall = { by, startMs: this.clock.nowMs(), endMs: undefined };
    this.calls.push(call);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.calls.filter(({ endMs }) => endMs === undefined).length);

    return call;
  }
}

/** A process: it reads one key through one flight, and can stand still or die. */
export class LeasedProcess {
  readonly clock: ProcessClock;
  readonly link: ScriptedLink;
  private readonly flights: SingleFlight<Reading>;
  private readonly leased: LeasedFlight;

  constructor(
    private readonly world: LeasedWorld,
    readonly name: string,
    { roundTripMs = 0, random = () => 0, ...others }: ProcessSettings,
  ) {
    this.clock = new ProcessClock(world.clock);
    this.flights = new SingleFlight(this.clock);
    this.link = new DistantLink(world, this.clock, roundTripMs);
    const inServer = new RedisLoadLeases(this.link, 'shop', this.clock, world.times);
    this.leased = new LeasedFlight('leases' in others ? others.leases : inServer, this.clock, random);
  }

  read(plan: LoadPlan): Promise<Reading> {
    const running = this.flights.joinable('key', -Infinity);

    return (running ?? this.flights.start('key', this.clock.nowMs(), () => this.findOrLoad(plan))).result;
  }

  private async findOrLoad({ patienceMs, ...plan }: LoadPlan): Promise<Reading> {
    const beganMs = this.clock.nowMs();
    const waitedMs = () => this.clock.nowMs() - beganMs;

    return this.leased.run<Reading>('key', {
      look: async () => {
        const { value } = await this.link.get('value');
        return value === undefined ? undefined : { value, waitedMs: waitedMs() };
      },
      load: async () => {
        const waited = waitedMs();
        return { value: await this.load(plan), waitedMs: waited };
      },
      isStored: () => plan.stores !== false,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
  }

  private async load({ loadMs, stores = true, fails = false }: LoadPlan): Promise<string> {
    const call = this.world.begin(this.name);
    await new Promise<void>((resolve) => this.clock.after(loadMs, resolve));
    call.endMs = this.clock.nowMs();
    if (fails) throw new Error('the origin is down');

    const value = `by ${this.name}`;
    if (stores) await this.link.send('value', ['SET', 'value', value]).catch(() => undefined);
    return value;
  }
}

/** The time of one process: while that stands still nothing in it happens, and afterwards all of it late. */
class ProcessClock extends Clock {
  private isStanding = false;
  private overdue: (() => void)[] = [];

  constructor(private readonly world: Clock) {
    super();
  }

  override nowMs(): number {
    return this.world.nowMs();
  }

  override after(ms: number, callback: () => void): () => void {
    let isOff = false;
    const ring = () => {
      if (isOff) return;
      if (this.isStanding) this.overdue.push(ring);
      else callback();
    };
    this.world.after(ms, ring);

    return () => {
      isOff = true;
    };
  }

  standStill(): void {
    this.isStanding = true;
  }

  goOn(): void {
    this.isStanding = false;
    for (const ring of this.overdue.splice(0)) ring();
  }
}

/** Half of a round trip away in each direction; the server carries out what a process sent before it stood still. */
class DistantLink extends ScriptedLink {
  constructor(
    private readonly world: LeasedWorld,
    private readonly clock: Clock,
    private readonly roundTripMs: number,
  ) {
    super();
    this.reply = (command) => world.server.carryOut(command);
  }

  override send(key: string, command: readonly string[]): Promise<Answer<unknown>> {
    if (this.roundTripMs === 0) return super.send(key, command);

    return new Promise((resolve, reject) => {
      this.world.clock.after(this.roundTripMs / 2, () => {
        const answer = super.send(key, command);
        this.clock.after(this.roundTripMs / 2, () => {
          answer.then(resolve, reject);
        });
        // Told when its time has come; until then nobody listens.
        answer.catch(() => undefined);
      });
    });
  }
}

function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
