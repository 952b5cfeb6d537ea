import { expect, it } from '@jest/globals';
import { everyOrder, someOrders } from './schedule.js';
import type { Scenario, Scheduler } from './schedule.js';
import { ADAPTERS, ScheduledWorld } from './world/scheduled-world.js';
import type { Adapters, Rows } from './world/scheduled-world.js';

const MAX_MS = 2_000;
const ROW = { row: (row: string) => row };
const LEVELS = {
  linearizable: { consistency: 'linearizable' },
  strong: { consistency: 'strong' },
  bounded: { consistency: 'bounded', tolerance: { max: '2s' } },
  eventual: { consistency: 'eventual', ttl: '2s' },
} as const;
type Level = keyof typeof LEVELS;

/** What a level promises of every read in the history of one schedule. */
function broken(world: ScheduledWorld, level: Level): readonly string[] {
  switch (level) {
    case 'linearizable':
      return world.missedCommits();
    case 'strong':
      return world.missedWrites();
    case 'bounded':
    case 'eventual':
      return world.staleReads(MAX_MS);
  }
}

type Play = (scheduler: Scheduler, adapters: Adapters, level: Level) => Scenario;

/** Two readers of one row, and a writer that evicts it; afterwards somebody reads once more. */
const readersAndWriter: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const read = world.cached({ name: 'rows', tags: ROW, ...LEVELS[level] });

  return {
    operations: [world.reading('r1', () => read('a')), world.reading('r2', () => read('a')), world.writing('w', 'a')],
    verdict: async () => {
      await world.reading('last', () => read('a'));
      return [...broken(world, level), ...world.missedWrites()];
    },
  };
};

/** As above, but only time ends what the readers see: nobody evicts. */
const readersAndTime: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const read = world.cached({ name: 'rows', tags: ROW, ...LEVELS[level] });

  return {
    operations: [
      world.reading('r1', () => read('a')),
      world.reading('r2', () => read('a')),
      world.writingUnseen('w', 'a'),
      world.passing('1500ms', '1500ms'),
    ],
    verdict: () => broken(world, level),
  };
};

/** The load of one reader writes, and evicts what is being loaded. */
const writeWithinLoad: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const touch = world.engine.writing({ tags: ROW }, async (row: string) => world.commit(row));
  const read = world.cached({ name: 'rows', tags: ROW, ...LEVELS[level] }, async (row) => {
    const before = await world.query(row);
    world.acknowledge(await touch(row));
    return before;
  });

  return {
    operations: [world.reading('r1', () => read('a')), world.reading('r2', () => read('a'))],
    verdict: () => broken(world, level),
  };
};

/** An outer cache whose only knowledge of the row is the inner cache that it reads. */
const joinedOverInner: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const inner = world.cached({ name: 'inner', tags: ROW, ...LEVELS[level] });
  const outer = world.cached({ name: 'outer', ...LEVELS[level] }, async (row) => {
    const saw = await inner(row);
    await world.gate('outer answers');
    return saw;
  });

  return {
    operations: [world.reading('r1', () => outer('a')), world.reading('r2', () => outer('a')), world.writing('w', 'a')],
    verdict: async () => {
      await world.reading('last', () => outer('a'));
      return [...broken(world, level), ...world.missedWrites()];
    },
  };
};

/** An outer cache that reads one row through two inner ones, the slower of which it began first. */
const twoInnersOfOneRow: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const slow = world.cached({ name: 'slow', tags: ROW, ...LEVELS[level] });
  const quick = world.cached({ name: 'quick', tags: ROW, ...LEVELS[level] }, async (row) => world.query(row, 0));
  const outer = world.cached({ name: 'outer', ...LEVELS[level] }, async (row) => {
    const running = slow(row);
    await world.gate('outer goes on');
    await quick(row);
    return running;
  });

  return {
    operations: [world.reading('r1', () => outer('a')), world.reading('r2', () => outer('a')), world.writing('w', 'a')],
    verdict: async () => {
      await world.reading('last', () => outer('a'));
      return broken(world, level);
    },
  };
};

/** Two writers whose commits and evictions cross, and a reader. */
const crossingWriters: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const read = world.cached({ name: 'rows', tags: ROW, ...LEVELS[level] });

  return {
    operations: [world.reading('r', () => read('a')), world.writing('w1', 'a'), world.writing('w2', 'a')],
    verdict: async () => {
      await world.reading('last', () => read('a'));
      return [...broken(world, level), ...world.missedWrites()];
    },
  };
};

/** Readers who come while a write is announced, before and after it commits. */
const readersAroundSlowWriter: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const read = world.cached({ name: 'rows', tags: ROW, ...LEVELS[level] });

  return {
    operations: [
      world.reading('r1', () => read('a')),
      world.reading('r2', () => read('a')),
      world.writingSlowly('w', 'a'),
    ],
    verdict: async () => {
      await world.reading('last', () => read('a'));
      return [...broken(world, level), ...world.missedWrites()];
    },
  };
};

/** A strong outer cache over a weaker inner one, whose entry nobody evicts. */
const strongOverWeaker: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const inner = world.cached({ name: 'inner', ...LEVELS[level] });
  const outer = world.cached({ name: 'outer', tags: ROW, ...LEVELS.strong }, (row) => inner(row));

  return {
    operations: [
      world.reading('weak', async () => (await inner('a'), {})),
      world.reading('strong', () => outer('a')),
      world.writing('w', 'a'),
    ],
    verdict: async () => {
      await world.reading('last', () => outer('a'));
      return world.missedWrites();
    },
  };
};

/** A caller that demands the origin, beside one that does not. */
const demandOfOrigin: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const read = world.cached({ name: 'rows', tags: ROW, ...LEVELS[level] });

  return {
    operations: [
      world.reading('easy', async () => (await read('a'), {})),
      world.reading('demanding', () => world.engine.demanding(0, () => read('a'))),
      world.writingUnseen('w', 'a'),
    ],
    verdict: () => world.missedWrites(),
  };
};

/** Each cache reads the other, as a walk over a graph does that goes nowhere twice. */
const cachesThatReadEachOther: Play = (scheduler, adapters, level) => {
  const world = new ScheduledWorld(scheduler, adapters);
  const walkOn = (to: string): ((row: string) => Promise<Rows>) => {
    const visitors = new Set<string>();
    return async (row) => {
      if (visitors.has(world.by())) return world.query(row, 0);
      visitors.add(world.by());
      await world.gate(`goes on to ${to}`);
      return (to === 'right' ? right : left)(row);
    };
  };
  const left = world.cached({ name: 'left', tags: ROW, ...LEVELS[level] }, walkOn('right'));
  const right = world.cached({ name: 'right', tags: ROW, ...LEVELS[level] }, walkOn('left'));

  return {
    operations: [world.reading('r1', () => left('a')), world.reading('r2', () => right('a'))],
    verdict: () => broken(world, level),
  };
};

interface Played {
  readonly title: string;
  readonly play: Play;
  readonly levels: readonly Level[];
  /** Adapters over which there are too many orders to run them all. */
  readonly sampledOver?: readonly Adapters[];
}

const ALL_LEVELS: readonly Level[] = ['linearizable', 'strong', 'bounded', 'eventual'];
const PLAYS: readonly Played[] = [
  { title: 'two readers and a writer that evicts', play: readersAndWriter, levels: ALL_LEVELS },
  { title: 'a write that nobody evicts, and time', play: readersAndTime, levels: ['bounded', 'eventual'] },
  { title: 'a load that evicts what it loads', play: writeWithinLoad, levels: ALL_LEVELS },
  { title: 'an outer cache joined while its inner one is evicted', play: joinedOverInner, levels: ALL_LEVELS },
  {
    title: 'an outer cache over two inner ones of one row',
    play: twoInnersOfOneRow,
    levels: ['linearizable', 'strong'],
    sampledOver: ['slow-entries', 'slow-versions'],
  },
  { title: 'readers around a slow writer', play: readersAroundSlowWriter, levels: ALL_LEVELS },
  { title: 'two writers that cross', play: crossingWriters, levels: ALL_LEVELS },
  { title: 'a strong cache over a weaker one', play: strongOverWeaker, levels: ['bounded', 'eventual'] },
  { title: 'a caller that demands the origin', play: demandOfOrigin, levels: ALL_LEVELS },
  { title: 'two caches that read each other', play: cachesThatReadEachOther, levels: ALL_LEVELS },
];
/** Change the seed to see other orders; a violation names the one that repeats it. */
const SAMPLE = { schedules: 800, seed: 20_261_120 };

const cases = PLAYS.flatMap(({ title, play, levels, sampledOver = [] }) =>
  levels.flatMap((level) =>
    ADAPTERS.map((adapters) => ({ title, play, level, adapters, sampled: sampledOver.includes(adapters) })),
  ),
);

/** Ten seconds of one core for all cases together; a machine may be busy, or counting coverage. */
const PATIENCE_MS = 60_000;

it.each(cases)(
  '$title: $level holds over $adapters',
  async ({ play, level, adapters, sampled }) => {
    const scenario = (scheduler: Scheduler): Scenario => play(scheduler, adapters, level);
    const { schedules, violations } = await (sampled ? someOrders(scenario, SAMPLE) : everyOrder(scenario));

    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(1);
  },
  PATIENCE_MS,
);
