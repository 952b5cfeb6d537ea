import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisLink } from '../../src/coordination/redis/redis-link.js';
import { RedisLoadLeases } from '../../src/coordination/redis/redis-load-leases.js';
import { LeasedFlight } from '../../src/stampede/leased-flight.js';
import { SingleFlight } from '../../src/stampede/single-flight.js';
import { SystemClock } from '../../src/time/clock.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { openRedisLink } from '../support/redis-link.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';

const TIMES = { leaseMs: 900, fruitlessMs: 200 };
/** For a machine that is busy with other tests. */
const A_LITTLE_MS = 1000;

type Origin = (by: string) => Promise<string>;

/** What stands for a process: a connection of its own, and a flight of its own for each key. */
class Process {
  private readonly clock = new SystemClock();
  private readonly flights = new SingleFlight<string>(this.clock);
  private readonly leased: LeasedFlight;

  constructor(
    readonly name: string,
    readonly link: RedisLink,
    private readonly origin: Origin,
  ) {
    this.leased = new LeasedFlight(new RedisLoadLeases(link, 'shop', this.clock, TIMES), this.clock);
  }

  read(key: string): Promise<string> {
    const running = this.flights.joinable(key, -Infinity);

    return (running ?? this.flights.start(key, this.clock.nowMs(), () => this.findOrLoad(key))).result;
  }

  private findOrLoad(key: string): Promise<string> {
    return this.leased.run(key, {
      look: async () => (await this.link.get(key)).value,
      load: async () => {
        const value = await this.origin(this.name);
        await this.link.send(key, ['SET', key, value]);
        return value;
      },
      isStored: () => true,
    });
  }
}

describeWithRedis('processes that share loads over Redis', () => {
  let server: RedisServer;
  let processes: readonly Process[];
  let calls: string[];
  let origin: Origin;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    calls = [];
    processes = await Promise.all(
      ['p1', 'p2', 'p3', 'p4'].map(async (name) => {
        const { link } = await openRedisLink(server);
        return new Process(name, link, (by) => {
          calls.push(by);
          return origin(by);
        });
      }),
    );
  });
  afterEach(async () => {
    await Promise.all(processes.map(({ link }) => link.close()));
  });

  const crowdOf = (among: readonly Process[], key: string) =>
    among.flatMap((each) => Array.from({ length: 50 }, () => each.read(key)));

  it('load a cold key once for a crowd in each of them', async () => {
    // Longer than a lease, which is renewed.
    origin = async (by) => {
      await sleep(TIMES.leaseMs * 1.5);
      return `by ${by}`;
    };

    const values = await Promise.all(crowdOf(processes, 'cold'));
    expect(calls).toHaveLength(1);
    expect(new Set(values)).toEqual(new Set([`by ${calls[0]}`]));
  });

  it('have a value within a lease when the one that loads is cut off for good', async () => {
    const [leader, ...others] = processes;
    origin = (by) => (by === 'p1' ? new Promise<string>(() => undefined) : Promise.resolve(`by ${by}`));
    void leader?.read('orphaned');
    await withinMs(2000, async () => calls.length === 1);
    const crowd = crowdOf(others, 'orphaned');

    const cutOffMs = performance.now();
    await leader?.link.close();
    const values = await Promise.all(crowd);

    expect(performance.now() - cutOffMs).toBeLessThan(TIMES.leaseMs + A_LITTLE_MS);
    expect(calls).toHaveLength(2);
    expect(new Set(values)).toEqual(new Set([`by ${calls[1]}`]));
  });

  it('still load once when the connection of the one that loads breaks and comes back', async () => {
    origin = async (by) => {
      await sleep(TIMES.leaseMs * 1.5);
      return `by ${by}`;
    };
    const crowd = crowdOf(processes, 'broken');
    await withinMs(2000, async () => calls.length === 1);
    processes.find(({ name }) => name === calls[0])?.link.drop();
    const values = await Promise.all(crowd);

    expect(calls).toHaveLength(1);
    expect(new Set(values)).toEqual(new Set([`by ${calls[0]}`]));
  });
});
