import { lastReading, noticedWrites } from '../play.js';
import type { Level, Play } from '../play.js';
import { IN_PROCESS } from '../world/instance.js';

const ALL: readonly Level[] = ['linearizable', 'strong', 'bounded', 'eventual'];
const EVERYWHERE = [...IN_PROCESS, 'redis', 'redis-with-copies'] as const;

/** Those who read, write or let time pass over one row. */
export const ONE_ROW: readonly Play[] = [
  {
    name: 'readers-and-writer',
    about: 'A load that began before a write is neither joined nor kept by those who come after it.',
    levels: ALL,
    over: EVERYWHERE,
    begin: (stage) => {
      const { world, rows } = stage;
      const { here, there } = world.cachedTwice(rows);
      const isShared = world.server !== undefined;

      return {
        operations: () => [
          world.reading('r1', () => here('a')),
          isShared ? world.reading('r2', () => there('a'), world.there) : world.reading('r2', () => here('a')),
          world.writing('w', 'a'),
        ],
        afterwards: () => lastReading(stage, () => here('a')),
        alsoKept: () => noticedWrites(stage),
      };
    },
  },
  {
    name: 'readers-around-slow-writer',
    about: 'Readers come while a write is announced, before and after it commits.',
    levels: ALL,
    over: EVERYWHERE,
    begin: (stage) => {
      const { world, rows } = stage;
      const { here, there } = world.cachedTwice(rows);
      const isShared = world.server !== undefined;

      return {
        operations: () => [
          world.reading('r1', () => here('a')),
          world.reading('r2', () => here('a')),
          ...(isShared ? [world.reading('r3', () => there('a'), world.there)] : []),
          world.writingSlowly('w', 'a'),
        ],
        afterwards: () => lastReading(stage, () => here('a')),
        alsoKept: () => noticedWrites(stage),
      };
    },
  },
  {
    name: 'readers-one-after-another',
    about: 'What one reader has seen while a write was under way, the next one sees as well.',
    levels: ALL,
    over: EVERYWHERE,
    begin: (stage) => {
      const { world, rows } = stage;
      const { here, there } = world.cachedTwice(rows);
      const isShared = world.server !== undefined;
      const twice = async (): Promise<void> => {
        await world.reading('r1', () => here('a'));
        await world.reading('r1', () => here('a'));
      };

      return {
        operations: () => [
          twice(),
          isShared ? world.reading('r2', () => there('a'), world.there) : world.reading('r2', () => here('a')),
          world.writingSlowly('w', 'a', world.there),
        ],
        alsoKept: () => noticedWrites(stage),
      };
    },
  },
  {
    name: 'crossing-writers',
    about: 'Two writers commit and evict in opposite orders.',
    levels: ALL,
    over: EVERYWHERE,
    begin: (stage) => {
      const { world, rows } = stage;
      const { here } = world.cachedTwice(rows);

      return {
        operations: () => [
          world.reading('r', () => here('a')),
          world.writing('w1', 'a'),
          world.writing('w2', 'a', undefined, world.there),
        ],
        afterwards: () => lastReading(stage, () => here('a')),
        alsoKept: () => noticedWrites(stage),
      };
    },
  },
  {
    name: 'unseen-write-and-time',
    about: 'Nobody evicts, so only time ends what the readers see.',
    levels: ['bounded', 'eventual'],
    over: EVERYWHERE,
    begin: ({ world, rows }) => {
      const { here, there } = world.cachedTwice(rows);
      const isShared = world.server !== undefined;

      return {
        operations: () => [
          world.reading('r1', () => here('a')),
          isShared ? world.reading('r2', () => there('a'), world.there) : world.reading('r2', () => here('a')),
          world.writingUnseen('w', 'a'),
          world.passing('1500ms', '1500ms'),
        ],
      };
    },
  },
  {
    name: 'promoted-entry-and-time',
    about: 'An entry that moves from the shared store into a copy does not get younger on its way.',
    levels: ['bounded', 'eventual'],
    over: ['redis', 'redis-with-copies'],
    begin: ({ world, rows }) => {
      const { here, there } = world.cachedTwice(rows);
      const thrice = async (): Promise<void> => {
        for (let time = 1; time <= 3; time += 1) await world.reading('r', () => there('a'), world.there);
      };

      return {
        operations: () => [
          world.reading('first', () => here('a')),
          thrice(),
          world.writingUnseen('w', 'a'),
          world.passing('800ms', '800ms', '800ms'),
        ],
      };
    },
  },
  {
    name: 'write-within-load',
    about: 'The load of one reader writes, and evicts what is being loaded.',
    levels: ALL,
    over: [...IN_PROCESS, 'redis'],
    begin: ({ world, rows }) => {
      const touch = (row: string): Promise<unknown> =>
        world.write(world.here, { tags: { row: () => row } }, async () => world.commit(row));
      const read = world.cached(rows, async (row) => {
        const before = await world.query(row);
        await touch(row);
        return before;
      });

      return { operations: () => [world.reading('r1', () => read('a')), world.reading('r2', () => read('a'))] };
    },
  },
  {
    name: 'demand-of-origin',
    about: 'A caller demands the origin, beside one that does not.',
    levels: ALL,
    over: IN_PROCESS,
    begin: ({ world, rows }) => {
      const read = world.cached(rows);

      return {
        operations: () => [
          world.reading('easy', async () => (await read('a'), {})),
          world.reading('demanding', () => world.here.engine.demanding(0, () => read('a'))),
          world.writingUnseen('w', 'a'),
        ],
        alsoKept: () => world.history.missedWrites(),
      };
    },
  },
  {
    name: 'demand-of-a-second',
    about: 'A caller demands a value of the last second from a cache that may be older.',
    levels: ['bounded', 'eventual', 'strong'],
    over: IN_PROCESS,
    begin: ({ world, rows }) => {
      const read = world.cached(rows);

      return {
        operations: () => [
          world.reading('easy', async () => (await read('a'), {})),
          world.reading('demanding', () => world.here.engine.demanding(1_000, () => read('a'))),
          world.writingUnseen('w', 'a'),
          world.passing('1500ms'),
        ],
        // The strong level knows nothing of a write that nobody evicts, so only the demand is judged.
        alsoKept: () => world.history.staleReads(1_000),
      };
    },
    promise: 'play',
  },
];
