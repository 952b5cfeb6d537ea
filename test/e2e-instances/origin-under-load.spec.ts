import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CountingOrigin } from '../support/counting-origin.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { StandstillWatch } from '../support/monotonic-clock.js';
import type { CacheName, TrafficOrder } from '../support/origin-process.js';
import { openProcesses, type OriginProcess, type OriginProcesses } from '../support/origin-processes.js';
import { busiest, missesWithoutStandstill, sum, tellFigures, trafficOf } from '../support/traffic-figures.js';
import type { CallerTally, TrafficReport } from '../support/traffic.js';
import { withinMs } from '../support/within.js';

jest.setTimeout(60_000);

const PROCESSES = 4;
const CALLERS = 250;
/** How long a load is waited for whose process has died. */
const LEASE_MS = 750;
/** For a machine that is busy with other tests; what must not happen takes far longer. */
const A_LITTLE_MS = 5_000;
const LONG_MS = 20_000;
/** By how much an entry is taken for older than it is: a round trip, and what clocks may differ by. */
const A_MOMENT_MS = 100;
/** What an entry past its bound was allowed: `whileStale` in origin-process.ts, as the next three. */
const BOUND_MS = 3_000;
const TTL_OF_STALE_MS = 2_000;
const CONCURRENCY = 5;
const QUEUE_DEADLINE_MS = 500;

describeWithRedis('Four processes of an application over one Redis', () => {
  let cluster: OriginProcesses;
  let origin: CountingOrigin;
  let processes: readonly OriginProcess[];
  beforeAll(async () => {
    cluster = await openProcesses(PROCESSES);
    ({ origin, processes } = cluster);
  });
  afterAll(() => cluster.close());

  const missesOf = async (cache: CacheName, among = processes) =>
    sum(await Promise.all(among.map((each) => each.missesOf(cache))));

  const crowds = (cache: CacheName, key: string, callers: number, among = processes) =>
    Promise.all(among.map((each) => each.crowd({ cache, key, callers })));

  /** A crowd in each of these, all of whom have asked, and none of whom has been answered. */
  async function crowdsThatWait(cache: CacheName, key: string, among = processes) {
    const before = await missesOf(cache, among);
    const tallies = crowds(cache, key, CALLERS, among);
    await withinMs(LONG_MS, async () => (await missesOf(cache, among)) === before + among.length * CALLERS);

    return { tallies };
  }

  /** Reads at a steady rate in all of them, while something happens. */
  async function traffic(order: TrafficOrder, happens: () => Promise<void>): Promise<readonly TrafficReport[]> {
    await Promise.all(processes.map((each) => each.beginTraffic(order)));
    await happens();

    return Promise.all(processes.map((each) => each.endTraffic()));
  }

  it.each(['bounded', 'strong', 'eventual'] as const)(
    'load a cold key once for 250 callers in each, at %s',
    async (cache) => {
      const letGo = origin.hold(cache);
      const { tallies } = await crowdsThatWait(cache, 'cold');
      letGo();

      expect((await tallies).map(({ answers }) => answers)).toEqual(Array(PROCESSES).fill({ 1: CALLERS }));
      expect(origin.callsOf(cache)).toHaveLength(1);
    },
  );

  it('load a stale entry anew once, and serve it up to its bound and no longer', async () => {
    await crowds('whileStale', '0', 1);
    const letGo = origin.hold('whileStale');
    let calls = 0;
    const reports = await traffic({ keysOf: { whileStale: 1 }, perSecond: 250 }, async () => {
      // Somebody waits: the entry is past its bound.
      await withinMs(LONG_MS, async () => (await missesOf('whileStale')) > PROCESSES);
      calls = origin.callsOf('whileStale').length;
      letGo();
    });
    const seen = trafficOf('whileStale', reports);
    tellFigures('stale while revalidating', { ...seen, calls });

    const [first, second] = origin.callsOf('whileStale').map(({ beganMs }) => beganMs);
    expect(Number(second) - Number(first)).toBeLessThan(BOUND_MS - A_MOMENT_MS);
    expect(calls).toBe(2);
    expect(origin.mostAtOnce('whileStale')).toBe(1);
    expect(seen.answered).toBe(seen.begun);
    expect(seen.worstStalenessMs).toBeGreaterThan(TTL_OF_STALE_MS);
    expect(seen.worstStalenessMs).toBeLessThanOrEqual(BOUND_MS);
  });

  describe('that read a hot key, and a page of many, through four expiries', () => {
    const CACHES = ['hot', 'hotInEach', 'hotEarly', 'pages', 'pagesJittered'] as const;
    const PAGES = 30;
    const LOAD_MS = 100;
    const EXPIRIES = 4;
    let reports: readonly TrafficReport[];
    let standstills: ReturnType<StandstillWatch['stop']>;
    const callsOf = (cache: CacheName) => origin.callsOf(cache).length;
    beforeAll(async () => {
      for (const cache of CACHES) origin.takes(cache, LOAD_MS);
      // The first load is waited for in any case.
      for (const cache of ['hot', 'hotInEach', 'hotEarly'] as const) await crowds(cache, '0', 1);
      const watch = new StandstillWatch(LOAD_MS);
      const keysOf = { hot: 1, hotInEach: 1, hotEarly: 1, pages: PAGES, pagesJittered: PAGES };
      reports = await traffic({ keysOf, perSecond: 250 }, async () => {
        await withinMs(LONG_MS, async () => callsOf('hot') > EXPIRIES);
      });
      standstills = watch.stop();
      for (const cache of CACHES) {
        tellFigures(cache, {
          ...trafficOf(cache, reports),
          calls: callsOf(cache),
          busiest: busiest(origin.callsOf(cache).slice(PAGES), LOAD_MS),
        });
      }
      tellFigures('standstills', { origin: standstills, processes: reports.map((report) => report.standstills) });
    });

    it('wait for a load at each expiry, without early refresh', () => {
      expect(trafficOf('hot', reports).misses).toBeGreaterThanOrEqual(EXPIRIES);
    });

    it('never wait for one, with it', () => {
      expect(missesWithoutStandstill('hotEarly', reports, standstills, 2 * LOAD_MS)).toEqual([]);
    });

    it('load it fewer times with early refresh than if each loaded for itself', () => {
      expect(callsOf('hotEarly')).toBeGreaterThanOrEqual(callsOf('hot') - 1);
      expect(callsOf('hotEarly')).toBeLessThan(callsOf('hotInEach'));
      expect(callsOf('hotInEach')).toBeGreaterThan(callsOf('hot'));
    });

    it('load the pages one after the other with jitter, and together without', () => {
      const laterCalls = (cache: CacheName) => origin.callsOf(cache).slice(PAGES);

      expect(2 * busiest(laterCalls('pagesJittered'), LOAD_MS)).toBeLessThan(busiest(laterCalls('pages'), LOAD_MS));
    });

    it('answer everybody', () => {
      for (const cache of CACHES) {
        const { answered, begun } = trafficOf(cache, reports);
        expect(answered).toBe(begun);
      }
    });
  });

  describe('whose Redis is killed under load', () => {
    const LOAD_MS = 100;
    const KEYS = 100;
    let reports: readonly TrafficReport[];
    beforeAll(async () => {
      for (const cache of ['limited', 'unlimited']) origin.takes(cache, LOAD_MS);
      const order: TrafficOrder = { keysOf: { limited: KEYS, unlimited: KEYS }, perSecond: 100 };
      reports = await traffic(order, async () => {
        await withinMs(LONG_MS, async () =>
          ['limited', 'unlimited'].every((cache) => origin.callsOf(cache).length >= KEYS),
        );
        await cluster.redis.kill();
        const before = origin.callsOf('limited').length;
        await withinMs(LONG_MS, async () => origin.callsOf('limited').length >= before + 2 * KEYS);
        await cluster.redis.restart({ empty: true });
        for (const each of processes) await withinMs(LONG_MS, () => isCachedBy(each));
      });
      for (const cache of ['limited', 'unlimited']) {
        tellFigures(cache, { ...trafficOf(cache, reports), most: origin.mostAtOnce(cache) });
      }
    });

    /** Whether reads are hits again. */
    async function isCachedBy(each: OriginProcess): Promise<boolean> {
      const read = () => each.crowd({ cache: 'strong', key: 'recovered', callers: 10 });
      await read();
      const before = await each.missesOf('strong');
      await read();

      return (await each.missesOf('strong')) === before;
    }

    it('ask the origin for no more at once than is declared, which they would without', () => {
      expect(origin.mostAtOnce('limited')).toBeLessThanOrEqual(PROCESSES * CONCURRENCY);
      expect(origin.mostAtOnce('unlimited')).toBeGreaterThan(PROCESSES * CONCURRENCY);
    });

    it('answer every read, or refuse it with an error that says so, in time', () => {
      const { begun, answered, errors, slowestMs } = trafficOf('limited', reports);

      expect(Object.keys(errors)).toEqual(['ORIGIN_OVERLOADED']);
      expect(answered + (errors.ORIGIN_OVERLOADED ?? 0)).toBe(begun);
      expect(slowestMs).toBeLessThan(QUEUE_DEADLINE_MS + LOAD_MS + A_LITTLE_MS);
    });

    it('use their caches again without a restart', async () => {
      expect(await Promise.all(processes.map(isCachedBy))).toEqual(Array(PROCESSES).fill(true));
      expect(processes.filter(({ program }) => program.hasDied)).toEqual([]);
    });
  });

  describe('of which one is killed and one stands still while it loads', () => {
    let survivors: readonly OriginProcess[];
    let paused: OriginProcess;
    let goOn: () => void;
    let late: Promise<CallerTally>;
    let tallies: Readonly<Record<'eventual' | 'strong', readonly CallerTally[]>>;
    let tookMs: number;
    beforeAll(async () => {
      const [first, second, third, killed] = processes as [OriginProcess, OriginProcess, OriginProcess, OriginProcess];
      survivors = [first, second];
      paused = third;
      origin.hold('eventual', 1);
      goOn = origin.hold('strong', 1);
      void killed.crowd({ cache: 'eventual', key: 'orphan', callers: 1 }).catch(() => undefined);
      late = paused.crowd({ cache: 'strong', key: 'frozen', callers: 1 });
      await withinMs(
        LONG_MS,
        async () => [...loadsOf('eventual', 'orphan'), ...loadsOf('strong', 'frozen')].length === 2,
      );
      const [orphan, frozen] = await Promise.all([
        crowdsThatWait('eventual', 'orphan', survivors),
        crowdsThatWait('strong', 'frozen', survivors),
      ]);
      const stoppedMs = performance.now();
      paused.program.pause();
      await killed.program.kill();
      tallies = { eventual: await orphan.tallies, strong: await frozen.tallies };
      tookMs = performance.now() - stoppedMs;
      tellFigures('one killed, one paused', { tookMs });
    });
    // The test that resumes it may not have come that far.
    afterAll(() => {
      paused.program.resume();
    });

    const loadsOf = (cache: CacheName, key: string) => origin.callsOf(cache).filter((call) => call.key === key);

    it('the others have a value when the lease has passed, from one load', () => {
      expect(tookMs).toBeLessThan(LEASE_MS + A_LITTLE_MS);
      for (const cache of ['eventual', 'strong'] as const) {
        const calls = tallies[cache].map(({ answers }) => answers);

        expect(calls).toEqual(Array(2).fill({ [origin.callsOf(cache).length]: CALLERS }));
      }
      expect([loadsOf('eventual', 'orphan').length, loadsOf('strong', 'frozen').length]).toEqual([2, 2]);
    });

    it('what the late one has loaded replaces nothing that was written meanwhile', async () => {
      const [first] = survivors;
      await first?.change('frozen');
      paused.program.resume();
      goOn();
      expect((await late).versions).toEqual({ 0: 1 });
      const seen = await crowds('strong', 'frozen', CALLERS, [...survivors, paused]);

      expect(seen.map(({ versions }) => versions)).toEqual(Array(3).fill({ 1: CALLERS }));
    });
  });
});
