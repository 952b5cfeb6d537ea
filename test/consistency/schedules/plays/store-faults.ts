import { lastReading } from '../play.js';
import type { Level, Play, Stage } from '../play.js';
import { dying, forgetting, losing, restarting, stalling, swallowing } from '../world/faults.js';
import { OVER_REDIS } from '../world/instance.js';

const ALL: readonly Level[] = ['linearizable', 'strong', 'bounded', 'eventual'];
const STRICT: readonly Level[] = ['linearizable', 'strong'];

/** A reader here and one there, each of whom reads twice. */
function readersOnBothSides({ world, rows }: Stage): readonly Promise<void>[] {
  const { here, there } = world.cachedTwice(rows);

  return [
    twice(() => world.reading('r1', () => here('a'))),
    twice(() => world.reading('r2', () => there('a'), world.there)),
  ];
}

async function twice(work: () => Promise<void>): Promise<void> {
  await work();
  await work();
}

/** Some reader afterwards, whose instance lives and who need not wait for any lease. */
function judged(stage: Stage): () => Promise<void> {
  const { world, rows } = stage;
  const read = world.cached(rows);

  return () => lastReading(stage, () => read('a'));
}

/** What a shared store, and those who use it, do wrong. */
export const STORE_FAULTS: readonly Play[] = [
  ...(['empty', 'with-all', 'with-old-state', 'promoted'] as const).map((as): Play => ({
    name: `restart-${as}`,
    about: `The server restarts ${as}: what it remembers of versions is trusted by nobody, and what was announced counts.`,
    levels: ALL,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [
          ...readersOnBothSides(stage),
          world.writingSlowly('w', 'a', world.there),
          restarting(world, as),
        ],
        afterwards: judged(stage),
      };
    },
  })),
  {
    name: 'restart-between-two-writes',
    about: 'The server comes back with versions from between two writes; an entry from then is not current again.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [
          ...readersOnBothSides(stage),
          world.writing('w1', 'a'),
          world.writing('w2', 'a', undefined, world.there),
          restarting(world, 'with-old-state'),
        ],
        afterwards: judged(stage),
      };
    },
  },
  {
    name: 'lost-replies',
    about:
      'A connection breaks with commands on their way, of which some were carried out: the writer is told, and evicts later.',
    levels: ALL,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [...readersOnBothSides(stage), world.writing('w', 'a'), losing(world, world.here, 2)],
        afterwards: judged(stage),
      };
    },
  },
  {
    name: 'late-commands',
    about: 'A server carries out late what was given up: it outdates, and brings nothing back.',
    levels: ALL,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [
          ...readersOnBothSides(stage),
          world.writing('w1', 'a'),
          world.writing('w2', 'a', undefined, world.there),
          stalling(world, world.here),
        ],
        afterwards: judged(stage),
      };
    },
  },
  {
    name: 'swallowed-write',
    about: 'A write of a version is confirmed and lost: what was not read back is not taken for done.',
    levels: ALL,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [...readersOnBothSides(stage), world.writing('w', 'a'), swallowing(world)],
        afterwards: judged(stage),
      };
    },
  },
  {
    name: 'writer-dies',
    about:
      'A writer dies anywhere between its announcement and its eviction; what it may have committed is covered until its lease ends.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here } = world.cachedTwice(stage.rows);

      return {
        operations: () => [
          twice(() => world.reading('r1', () => here('a'))),
          twice(() => world.reading('r2', () => here('a'))),
          world.writingSlowly('w', 'a', world.there),
          dying(world, world.there),
          world.passing('11s'),
        ],
      };
    },
  },
  {
    name: 'long-write',
    about: 'A write takes longer than its lease, which is renewed for as long as it runs.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [
          ...readersOnBothSides(stage),
          world.writingSlowly('w', 'a', world.there),
          world.passing('4s', '4s', '4s'),
        ],
      };
    },
  },
  {
    name: 'forgotten-versions',
    about: 'Versions vanish before the entries that name them: what has no version is not served.',
    levels: ALL,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [...readersOnBothSides(stage), world.writing('w', 'a'), forgetting(world, 'versions')],
        afterwards: judged(stage),
      };
    },
  },
  {
    name: 'minters-and-writer',
    about:
      "Two instances mint the same versions while a writer replaces them, with others' commands between those of one write.",
    levels: STRICT,
    over: OVER_REDIS,
    options: { oneByOne: true },
    begin: (stage) => {
      const { world } = stage;

      return {
        operations: () => [...readersOnBothSides(stage), world.writingSlowly('w', 'a', world.there)],
        afterwards: judged(stage),
      };
    },
  },
  {
    name: 'two-evictions-at-once',
    about:
      "Two instances replace one version at once, with others' commands between those of one write, and both are confirmed.",
    levels: STRICT,
    over: OVER_REDIS,
    options: { oneByOne: true },
    begin: (stage) => {
      const { world } = stage;
      const { here } = world.cachedTwice(stage.rows);

      return {
        operations: () => [
          twice(() => world.reading('r1', () => here('a'))),
          world.writing('w1', 'a'),
          world.writing('w2', 'a', undefined, world.there),
          losing(world, world.here),
        ],
        afterwards: judged(stage),
      };
    },
  },
];
