import { beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessLoadLeases } from '../../src/coordination/in-process/in-process-load-leases.js';
import { LoadLeases } from '../../src/coordination/load-leases.js';
import { LeasedFlight } from '../../src/stampede/leased-flight.js';
import { leaseOperation } from './lease-server.js';
import { LeasedWorld, type LeasedProcess, type Reading } from './leased-world.js';

const PATIENCE_MS = 3500;
/** How long after something has happened the last of those who wait has come by. */
const A_PAUSE_MS = 50;

const NEVER_FOUND = {
  look: () => Promise.resolve(undefined),
  load: () => Promise.resolve(undefined),
  isStored: () => true,
};

/** Another process is always loading. */
class HeldLeases extends LoadLeases {
  constructor(private readonly onAsked: () => void) {
    super();
  }

  override acquire(): 'held' {
    this.onAsked();

    return 'held';
  }
}

let world: LeasedWorld;
let leader: LeasedProcess;
let followers: readonly LeasedProcess[];
beforeEach(() => {
  world = new LeasedWorld();
  leader = world.process('leader');
  followers = ['f1', 'f2', 'f3'].map((name) => world.process(name));
});

/** The leader's call runs, and the others wait. */
const begin = async (loads: { leader: number; followers?: number }, followersToo = {}) => {
  const own = leader.read({ loadMs: loads.leader });
  await world.pass(1);
  const others = followers.map((each) => each.read({ loadMs: loads.followers ?? 100, ...followersToo }));
  await world.pass(0);

  return { own, others };
};
const callers = () => world.calls.map(({ by }) => by);
const valuesOf = async (readings: readonly Promise<Reading>[]) =>
  (await Promise.all(readings)).map(({ value }) => value);

describe('one load among processes', () => {
  it('is one for a crowd in each of them, over leases in memory as in a server', async () => {
    for (const leases of [undefined, new InProcessLoadLeases(world.clock)]) {
      const crowded = new LeasedWorld();
      const processes = ['p1', 'p2', 'p3', 'p4'].map((name) =>
        crowded.process(name, leases === undefined ? {} : { leases }),
      );
      // Values lie in the server all the same.
      const readings = processes.flatMap((each) => Array.from({ length: 50 }, () => each.read({ loadMs: 100 })));
      await crowded.pass(100 + A_PAUSE_MS);

      expect(new Set(await valuesOf(readings))).toEqual(new Set(['by p1']));
      expect(crowded.calls).toHaveLength(1);
    }
  });

  it('is none when another has stored the value by now, and nobody is kept from the next', async () => {
    await leader.link.send('value', ['SET', 'value', 'by somebody']);

    expect(await valuesOf([leader.read({ loadMs: 100 })])).toEqual(['by somebody']);
    expect(leader.link.sent.map(leaseOperation)).toEqual(['SET', 'acquire', 'GET', 'release']);
    expect(callers()).toEqual([]);
  });

  it('stays the only one however often its lease would have ended', async () => {
    world = new LeasedWorld({ leaseMs: 300, fruitlessMs: 50 });
    const [long, waiting] = [world.process('long'), world.process('waiting')];
    const readings = [long.read({ loadMs: 3000 }), waiting.read({ loadMs: 1 })];
    await world.pass(3000 + A_PAUSE_MS);

    expect(await valuesOf(readings)).toEqual(['by long', 'by long']);
    expect(callers()).toEqual(['long']);
  });

  it('asks for the lease first and looks in the same tick', () => {
    const asked: string[] = [];
    const leases = new HeldLeases(() => asked.push('lease'));
    void new LeasedFlight(leases, world.clock).run('key', {
      ...NEVER_FOUND,
      look: async () => void asked.push('look'),
    });

    expect(asked).toEqual(['lease', 'look']);
  });

  it.each([
    ['growing', 0, [0, 2, 6, 14, 30, 62, 112, 162]],
    ['up to a quarter shorter', 1, [0, 1.5, 4.5, 10.5, 22.5, 46.5, 84, 121.5, 159]],
  ])('comes by after pauses that are %s', async (_, random, expected) => {
    const cameBy: number[] = [];
    const leases = new HeldLeases(() => cameBy.push(world.clock.nowMs()));
    void new LeasedFlight(leases, world.clock, () => random).run('key', NEVER_FOUND);
    for (let passedMs = 0; passedMs < 165; passedMs += 0.5) {
      await world.pass(0);
      world.clock.advance(0.5);
    }

    expect(cameBy).toEqual(expected);
  });
});

describe('when the leader', () => {
  it('dies, its lease passes to one of the others, and they all get what that one loads', async () => {
    const { others } = await begin({ leader: 200 });
    await world.pass(99);
    leader.clock.standStill();

    await world.pass(2899);
    expect(callers()).toEqual(['leader']);
    await world.pass(A_PAUSE_MS + 100 + A_PAUSE_MS);

    expect(callers()).toHaveLength(2);
    expect(new Set(await valuesOf(others))).toEqual(new Set([`by ${callers()[1]}`]));
  });

  it('dies late in a long load, nobody waits longer than if it had died at once', async () => {
    const { others } = await begin({ leader: 60_000 }, { patienceMs: 60_000 });
    await world.pass(20_100);
    leader.clock.standStill();
    await world.pass(2_900);
    expect(callers()).toEqual(['leader']);
    await world.pass(A_PAUSE_MS + 100 + A_PAUSE_MS);

    expect(callers()).toHaveLength(2);
    await Promise.all(others);
  });

  it('stands still and comes back late, it does not end the lease of the next', async () => {
    const own = leader.read({ loadMs: 200, stores: false });
    await world.pass(100);
    leader.clock.standStill();
    const next = world.process('next').read({ loadMs: 400 });
    await world.pass(2900 + A_PAUSE_MS);
    leader.clock.goOn();
    const last = world.process('last').read({ loadMs: 100 });
    await world.pass(400 + A_PAUSE_MS);

    expect(await valuesOf([own, next, last])).toEqual(['by leader', 'by next', 'by next']);
    expect(callers()).toEqual(['leader', 'next']);
  });

  it('loses its connection for a moment, it keeps the lease with the next renewal', async () => {
    const { own, others } = await begin({ leader: 3300 });
    await world.pass(990);
    const { epoch } = leader.link;
    leader.link.epoch = undefined;
    await world.pass(20);
    leader.link.epoch = epoch;
    await world.pass(2300 + A_PAUSE_MS);

    expect(callers()).toEqual(['leader']);
    await Promise.all([own, ...others]);
  });

  it('stores nothing, all others load at once and not one after the other', async () => {
    const own = leader.read({ loadMs: 100, stores: false });
    const others = followers.map((each) => each.read({ loadMs: 100, stores: false }));
    await world.pass(100 + A_PAUSE_MS);

    expect(callers()).toEqual(['leader', 'f1', 'f2', 'f3']);
    await world.pass(100);
    expect(await valuesOf([own, ...others])).toEqual(['by leader', 'by f1', 'by f2', 'by f3']);
  });

  it('stored nothing a while ago, the next one leads again', async () => {
    const own = leader.read({ loadMs: 100, stores: false });
    await world.pass(100 + 200);
    await own;
    const others = followers.map((each) => each.read({ loadMs: 100 }));
    await world.pass(100 + A_PAUSE_MS);

    expect(await valuesOf(others)).toEqual(['by f1', 'by f1', 'by f1']);
    expect(callers()).toEqual(['leader', 'f1']);
  });

  it('fails, its callers get the error and the others load', async () => {
    const failed = expect(leader.read({ loadMs: 100, fails: true })).rejects.toThrow('the origin is down');
    const others = followers.map((each) => each.read({ loadMs: 100 }));
    await world.pass(100 + A_PAUSE_MS + 100);

    await failed;
    expect(callers()).toEqual(['leader', 'f1', 'f2', 'f3']);
    await Promise.all(others);
  });
});

describe('when the store', () => {
  it('dies while they wait, each loads for itself', async () => {
    const { own, others } = await begin({ leader: 1000 });
    await world.pass(500);
    world.server.isDown = true;
    await world.pass(A_PAUSE_MS + 100);

    expect(await valuesOf(others)).toEqual(['by f1', 'by f2', 'by f3']);
    await world.pass(1000);
    expect(await valuesOf([own])).toEqual(['by leader']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('broken'))],
    [
      'fails before it is asked',
      () => {
        throw new Error('broken');
      },
    ],
  ])('%s when it is looked at, there is nothing', async (_, look) => {
    const leases = new InProcessLoadLeases(world.clock);
    const flight = new LeasedFlight(leases, world.clock);

    expect(await flight.run('key', { look, load: () => Promise.resolve('loaded'), isStored: () => true })).toBe(
      'loaded',
    );
    expect(leases.acquire('key')).not.toBe('held');
  });
});

describe('patience', () => {
  it('ends: then whoever waited loads without a lease', async () => {
    const { own, others } = await begin({ leader: 10_000 });
    await world.pass(PATIENCE_MS - 1);
    expect(callers()).toEqual(['leader']);
    await world.pass(1);
    expect(callers()).toEqual(['leader', 'f1', 'f2', 'f3']);

    await world.pass(100);
    expect((await Promise.all(others)).map(({ waitedMs }) => waitedMs)).toEqual([3500, 3500, 3500]);
    expect(await world.process('late').read({ loadMs: 100 })).toEqual({ value: 'by f3', waitedMs: 0 });
    await world.pass(7000);
    await own;
  });

  it('of a load within another is none: it asks once, and loads if it is not the one', async () => {
    const { others } = await begin({ leader: 1000 }, { patienceMs: 0 });
    expect(callers()).toEqual(['leader', 'f1', 'f2', 'f3']);
    await world.pass(100);

    expect(await valuesOf(others)).toEqual(['by f1', 'by f2', 'by f3']);
  });

  it('lasts for a value that is there at the last look', async () => {
    const { others } = await begin({ leader: 10_000 });
    await world.pass(PATIENCE_MS - 1);
    await leader.link.send('value', ['SET', 'value', 'by somebody']);
    await world.pass(1);

    expect(new Set(await valuesOf(others))).toEqual(new Set(['by somebody']));
    expect(callers()).toEqual(['leader']);
  });

  it('unbinds two processes of which each waits for what the other is loading', async () => {
    const leases = new InProcessLoadLeases(world.clock);
    const flight = () => new LeasedFlight(leases, world.clock);
    const work = (load: () => Promise<string>) => ({
      look: () => Promise.resolve(undefined),
      load,
      isStored: () => false,
    });
    const nested = (own: LeasedFlight, outer: string, inner: string) =>
      own.run(
        outer,
        work(() =>
          own.run(
            inner,
            work(() => Promise.resolve(inner)),
          ),
        ),
      );
    const both = [nested(flight(), 'a', 'b'), nested(flight(), 'b', 'a')];
    await world.pass(PATIENCE_MS);

    expect(await Promise.all(both)).toEqual(['b', 'a']);
  });
});

describe('without leases', () => {
  it('a load is all that happens, in the same tick', () => {
    const loading = Promise.resolve('loaded');
    const looks: unknown[] = [];
    const run = new LeasedFlight(undefined, world.clock).run('key', {
      look: async () => void looks.push('look'),
      load: () => loading,
      isStored: () => true,
    });

    expect(run).toBe(loading);
    expect(looks).toEqual([]);
  });
});
