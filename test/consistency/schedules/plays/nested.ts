import { DECLARED, ROW, lastReading, noticedWrites } from '../play.js';
import type { Level, Play } from '../play.js';
import type { ReadRow } from '../world/scheduled-world.js';
import { IN_PROCESS } from '../world/instance.js';

const ALL: readonly Level[] = ['linearizable', 'strong', 'bounded', 'eventual'];

/** Caches over caches: what is made of cached values is no better than they are, and no worse than it says. */
export const NESTED: readonly Play[] = [
  {
    name: 'joined-over-inner',
    about:
      'All that an outer cache knows of the row is the inner cache that it reads, which is evicted while others join.',
    levels: ALL,
    over: [...IN_PROCESS, 'redis', 'redis-with-copies'],
    begin: (stage) => {
      const { world, level } = stage;
      const inner = world.cached({ name: 'inner', tags: ROW, ...DECLARED[level] });
      const outer = world.cached({ name: 'outer', ...DECLARED[level] }, async (row) => {
        const saw = await inner(row);
        await world.gate('outer answers');
        return saw;
      });

      return {
        operations: () => [
          world.reading('r1', () => outer('a')),
          world.reading('r2', () => outer('a')),
          world.writing('w', 'a'),
        ],
        afterwards: () => lastReading(stage, () => outer('a')),
        alsoKept: () => noticedWrites(stage),
      };
    },
  },
  {
    name: 'two-inners-of-one-row',
    about: 'An outer cache reads one row through two inner ones, the slower of which it began first.',
    levels: ['linearizable', 'strong'],
    over: [...IN_PROCESS, 'redis'],
    begin: (stage) => {
      const { world, level } = stage;
      const slow = world.cached({ name: 'slow', tags: ROW, ...DECLARED[level] });
      const quick = world.cached({ name: 'quick', tags: ROW, ...DECLARED[level] }, (row) => world.query(row, 0));
      const outer = world.cached({ name: 'outer', ...DECLARED[level] }, async (row) => {
        const running = slow(row);
        await world.gate('outer goes on');
        await quick(row);
        return running;
      });

      return {
        operations: () => [
          world.reading('r1', () => outer('a')),
          world.reading('r2', () => outer('a')),
          world.writing('w', 'a'),
        ],
        afterwards: () => lastReading(stage, () => outer('a')),
      };
    },
  },
  {
    name: 'strong-over-weaker',
    about: 'A strong cache reads a weaker one, whose entry nobody evicts.',
    levels: ['bounded', 'eventual'],
    over: [...IN_PROCESS, 'redis', 'redis-with-copies'],
    promise: 'play',
    begin: (stage) => {
      const { world, level } = stage;
      const inner = world.cached({ name: 'inner', ...DECLARED[level] });
      const outer = world.cached({ name: 'outer', tags: ROW, ...DECLARED.strong }, (row) => inner(row));

      return {
        operations: () => [
          world.reading('weak', async () => (await inner('a'), {})),
          world.reading('strong', () => outer('a')),
          world.writing('w', 'a'),
        ],
        afterwards: () => world.reading('last', () => outer('a')),
        alsoKept: () => world.history.missedWrites(),
      };
    },
  },
  {
    name: 'linearizable-over-weaker',
    about:
      'A linearizable cache reads a strong or bounded one, whose hits nothing vouches for while a write is under way.',
    levels: ['strong', 'bounded'],
    over: [...IN_PROCESS, 'redis'],
    promise: 'play',
    begin: ({ world, level }) => {
      const inner = world.cached({ name: 'inner', tags: ROW, ...DECLARED[level] });
      const outer = world.cached({ name: 'outer', ...DECLARED.linearizable }, (row) => inner(row));

      return {
        operations: () => [
          world.reading('weak', async () => (await inner('a'), {})),
          world.reading('r1', () => outer('a')),
          world.reading('r2', () => outer('a')),
          world.writing('w', 'a'),
        ],
        alsoKept: () => world.history.missedCommits(),
      };
    },
  },
  {
    name: 'short-bound-in-long-one',
    about: 'A page that may be old is made of a price that may not, and is never older than the page says.',
    levels: ['bounded', 'eventual'],
    over: IN_PROCESS,
    begin: ({ world, level }) => {
      const inner = world.cached({ name: 'inner', consistency: 'bounded', tolerance: { max: '10s' } });
      const outer = world.cached({ name: 'outer', ...DECLARED[level] }, (row) => inner(row));

      return {
        operations: () => [
          world.reading('inner', async () => (await inner('a'), {})),
          world.reading('r1', () => outer('a')),
          world.reading('r2', () => outer('a')),
          world.writingUnseen('w', 'a'),
          world.passing('1500ms', '1500ms'),
        ],
      };
    },
  },
  {
    name: 'immutable-of-old-parts',
    about: 'What an immutable value is made of is current, for it is kept for good.',
    levels: ['immutable'],
    over: [...IN_PROCESS, 'redis', 'redis-with-copies'],
    promise: 'play',
    begin: ({ world }) => {
      const part = world.cached({ name: 'part', ...DECLARED.bounded });
      const whole = world.cached({ name: 'whole', ...DECLARED.immutable }, (version) =>
        part(version.split('@')[0] ?? ''),
      );
      // The key carries the version, which a caller knows when it has been committed.
      const readNewest: ReadRow = (row) => whole(`${row}@${world.history.commitsOf(row)}`);

      return {
        operations: () => [
          world.reading('part', async () => (await part('a'), {})),
          world.reading('r1', () => readNewest('a')),
          world.reading('r2', () => readNewest('a')),
          world.writingUnseen('w', 'a'),
        ],
        afterwards: () => world.reading('last', () => readNewest('a')),
        alsoKept: () => world.history.missedCommits(),
      };
    },
  },
  {
    name: 'caches-that-read-each-other',
    about:
      'Each cache reads the other, as a walk over a graph does that goes nowhere twice, and nobody waits for himself.',
    levels: ALL,
    over: [...IN_PROCESS, 'redis'],
    begin: ({ world, level }) => {
      const walkOn = (to: string): ReadRow => {
        const visitors = new Set<string>();
        return async (row) => {
          if (visitors.has(world.by())) return world.query(row, 0);
          visitors.add(world.by());
          await world.gate(`goes on to ${to}`);
          return (to === 'right' ? right : left)(row);
        };
      };
      const left = world.cached({ name: 'left', tags: ROW, ...DECLARED[level] }, walkOn('right'));
      const right = world.cached({ name: 'right', tags: ROW, ...DECLARED[level] }, walkOn('left'));

      return { operations: () => [world.reading('r1', () => left('a')), world.reading('r2', () => right('a'))] };
    },
  },
  {
    name: 'other-level-under-announced-tag',
    about:
      'A cache that does not look for announced writes shares its tag with one that does, and is outdated after the commit.',
    levels: ['strong', 'bounded', 'eventual'],
    over: [...IN_PROCESS, 'redis'],
    promise: 'play',
    begin: ({ world, level }) => {
      world.cached({ name: 'permissions', tags: ROW, ...DECLARED.linearizable });
      const other = world.cached({ name: 'other', tags: ROW, ...DECLARED[level] });

      return {
        operations: () => [world.reading('r', () => other('a')), world.writingSlowly('w', 'a')],
        afterwards: () => world.reading('last', () => other('a')),
        alsoKept: () => world.history.missedWrites(),
      };
    },
  },
  {
    name: 'kept-again-after-a-write',
    about: 'Once a write is over, values are kept again: a cache that always loads keeps its promise too easily.',
    levels: ALL,
    over: [...IN_PROCESS, 'redis', 'redis-with-copies'],
    promise: 'play',
    begin: ({ world, rows }) => {
      let loads = 0;
      const read = world.cached(rows, (row) => {
        loads += 1;
        return world.query(row);
      });
      let lastLoads = 0;

      return {
        operations: () => [world.reading('r', () => read('a')), world.writingSlowly('w', 'a')],
        afterwards: async () => {
          await world.reading('last', () => read('a'));
          lastLoads = loads;
          await world.reading('again', () => read('a'));
        },
        alsoKept: () => (loads === lastLoads ? [] : ['what had just been read was loaded again']),
      };
    },
  },
];
