import { DECLARED, ROW } from '../play.js';
import type { Level, Play, Stage } from '../play.js';
import { deafening, losing, proving } from '../world/faults.js';
import type { Rows } from '../world/history.js';
import { PROOF_MS } from '../world/redis/scheduled-feed.js';

const HEARSAY: readonly Level[] = ['bounded', 'eventual'];
/** Long, so that only what is heard of evictions ends an entry. */
const LONG = {
  bounded: { consistency: 'bounded', tolerance: { max: '10m' } },
  eventual: { consistency: 'eventual', ttl: '10m' },
} as const;

/** A reader who reads in one instance, again and again. */
function readerHere({ world, level }: Stage): {
  readonly row: () => Promise<Rows>;
  readonly again: (times: number) => Promise<void>;
} {
  const declared = level === 'bounded' || level === 'eventual' ? LONG[level] : DECLARED[level];
  const { here } = world.cachedTwice({ name: 'rows', tags: ROW, ...declared });

  return {
    row: () => here('a'),
    again: async (times) => {
      for (let time = 1; time <= times; time += 1) await world.reading('r', () => here('a'));
    },
  };
}

/** What was just loaded under a version that was just made is copied when it is read again. */
async function copied(once: () => Promise<unknown>): Promise<void> {
  await once();
  await once();
}

/** Copies in a process, and what it hears of evictions elsewhere. */
export const COPIES: readonly Play[] = [
  {
    name: 'copy-and-far-writer',
    about: 'A copy answers by itself only while the silence of the feed is proven.',
    levels: HEARSAY,
    over: ['redis-with-copies'],
    promise: 'play',
    begin: (stage) => {
      const { world } = stage;
      const reader = readerHere(stage);

      return {
        before: () => copied(reader.row),
        operations: () => [
          reader.again(2),
          world.writing('w', 'a', undefined, world.there),
          proving(world, world.here, 2),
          world.passing('600ms', '600ms'),
        ],
        alsoKept: () => world.history.missedNews(PROOF_MS),
      };
    },
  },
  {
    name: 'copy-in-the-making',
    about: 'A copy is made while a far writer evicts, and what is heard of that is on its way.',
    levels: HEARSAY,
    over: ['redis-with-copies'],
    promise: 'play',
    begin: (stage) => {
      const { world, level } = stage;
      const reader = readerHere(stage);
      const declared = level === 'eventual' ? LONG.eventual : LONG.bounded;
      const there = world.cached({ name: 'rows', tags: ROW, ...declared }, undefined, world.there);

      return {
        // The store has the entry and its versions, this process has neither.
        before: async () => {
          await there('a');
        },
        operations: () => [
          reader.again(2),
          world.reading('r2', reader.row),
          world.writing('w', 'a', undefined, world.there),
          proving(world, world.here, 2),
          world.passing('600ms', '600ms'),
        ],
        alsoKept: () => world.history.missedNews(PROOF_MS),
      };
    },
  },
  {
    name: 'copy-and-near-writer',
    about: 'A process does not answer with its own copy what it has evicted itself.',
    levels: HEARSAY,
    over: ['redis-with-copies'],
    promise: 'play',
    begin: (stage) => {
      const { world } = stage;
      const reader = readerHere(stage);

      return {
        before: () => copied(reader.row),
        operations: () => [reader.again(2), world.writing('w', 'a'), proving(world, world.here, 1)],
        // The other instance may hear of it later.
        alsoKept: () => world.history.missedWrites().filter((line) => line.startsWith('r ')),
      };
    },
  },
  {
    name: 'copy-and-time',
    about: 'A copy is as old as the entry that it was made of, however often its silence is proven.',
    levels: HEARSAY,
    over: ['redis-with-copies'],
    begin: ({ world, rows }) => {
      const { here, there } = world.cachedTwice(rows);
      const timeAndProof = async (): Promise<void> => {
        await world.passing('800ms', '800ms');
        await proving(world, world.here, 1);
        await world.passing('800ms');
      };

      return {
        before: async () => {
          await there('a');
          await copied(() => here('a'));
        },
        operations: () => [world.reading('r', () => here('a')), world.writingUnseen('w', 'a'), timeAndProof()],
      };
    },
  },
  {
    name: 'copy-and-deafness',
    about: 'Who did not listen for a while has forgotten what he had copied before.',
    levels: HEARSAY,
    over: ['redis-with-copies'],
    promise: 'play',
    begin: (stage) => {
      const { world } = stage;
      const reader = readerHere(stage);

      return {
        before: () => copied(reader.row),
        operations: () => [
          reader.again(2),
          world.writing('w', 'a', undefined, world.there),
          deafening(world, world.here),
          proving(world, world.here, 3),
          world.passing('600ms', '600ms'),
        ],
        alsoKept: () => world.history.missedNews(PROOF_MS),
      };
    },
  },
  {
    name: 'copy-and-owed-eviction',
    about: 'A process that owes an eviction answers with no copy of what it outdates.',
    levels: ['strong', 'linearizable', ...HEARSAY],
    over: ['redis-with-copies'],
    promise: 'play',
    begin: (stage) => {
      const { world } = stage;
      const reader = readerHere(stage);

      return {
        before: () => copied(reader.row),
        operations: () => [reader.again(2), world.writing('w', 'a'), losing(world, world.here, 2)],
        alsoKept: () => world.history.missedOwnWrites(),
      };
    },
  },
  {
    name: 'copy-of-a-stricter-level',
    about: 'Where hearsay is not enough, a copy answers only when the store has vouched for its versions.',
    levels: ['linearizable', 'strong'],
    over: ['redis-with-copies'],
    begin: (stage) => {
      const { world } = stage;
      const reader = readerHere(stage);

      return {
        before: () => copied(reader.row),
        operations: () => [reader.again(2), world.writing('w', 'a', undefined, world.there)],
      };
    },
  },
];
