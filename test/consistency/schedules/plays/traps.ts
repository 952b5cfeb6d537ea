import { ROW, DECLARED } from '../play.js';
import type { Level, Play, Stage } from '../play.js';
import { dying, forgetting, losing, restarting } from '../world/faults.js';
import type { Instance } from '../world/instance.js';
import { OVER_REDIS } from '../world/instance.js';
import type { ReadRow } from '../world/scheduled-world.js';

const STRICT: readonly Level[] = ['linearizable', 'strong'];
/** Less than half of a lease, which is what is left of it for certain when a method is called. */
const STATEMENT_TIMEOUT_MS = 4_900;

/** Both instances have the row, before anything happens. */
function known({ world, rows }: Stage): { readonly here: ReadRow; readonly there: ReadRow; before(): Promise<void> } {
  const { here, there } = world.cachedTwice(rows);

  return {
    here,
    there,
    before: async () => {
      // What was loaded under a version that was just made is copied when it is read again.
      for (const read of [here, there, here, there]) await read('a');
    },
  };
}

async function again({ world }: Stage, by: string, read: ReadRow, at: Instance): Promise<void> {
  await world.reading(by, () => read('a'), at);
  await world.reading(by, () => read('a'), at);
}

/** Time passes, the network of the writer breaks, and time passes until what was not renewed is over. */
async function cutOff({ world }: Stage): Promise<void> {
  await world.passing('5500ms');
  await losing(world, world.there);
  await world.passing('4600ms');
}

/** Few steps each, so that what an exhaustive search of the protocol has found can be met with in the code. */
export const TRAPS: readonly Play[] = [
  {
    name: 'old-state-returns',
    about:
      'The store comes back with the version from before an eviction, and the entry under it is not current again.',
    levels: ['linearizable', 'strong', 'bounded', 'eventual'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          world.reading('r', () => here('a')),
          world.writing('w', 'a', undefined, world.there),
          restarting(world, 'with-old-state'),
        ],
        afterwards: () => world.reading('last', () => here('a')),
        alsoKept: () => world.history.missedWrites().filter((line) => line.startsWith('last')),
      };
    },
  },
  {
    name: 'metadata-dies-first',
    about: 'The version of a tag vanishes before the entry under it, which is then not served.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          world.reading('r', () => here('a')),
          world.writing('w', 'a', undefined, world.there),
          forgetting(world, 'versions'),
        ],
      };
    },
  },
  {
    name: 'owed-eviction',
    about:
      'An eviction could not be confirmed; its process serves nothing from before, and pays when the store answers.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, there, before } = known(stage);

      return {
        before,
        operations: () => [again(stage, 'r', here, world.here), world.writing('w', 'a'), losing(world, world.here)],
        afterwards: async () => {
          world.here.link?.probe();
          await world.gate('probes are answered');
          await world.reading('last', () => there('a'), world.there);
        },
        alsoKept: () => world.history.missedCommits().filter((line) => line.startsWith('last')),
      };
    },
  },
  {
    name: 'owed-under-two-caches',
    about: 'Storing something under a tag whose eviction is owed does not make up for the eviction of something else.',
    levels: ['strong'],
    over: ['redis'],
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);
      const page = world.cached({ name: 'page', tags: ROW, ...DECLARED.strong });

      return {
        before: async () => {
          await before();
          await page('a');
        },
        operations: () => [
          again(stage, 'r', here, world.here),
          world.reading('p', () => page('a')),
          world.writing('w', 'a'),
          losing(world, world.here),
        ],
      };
    },
  },
  {
    name: 'crowd-without-a-store',
    about: 'While the store cannot be asked, nobody joins a load that began before he came.',
    levels: STRICT,
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          world.reading('r1', () => here('a')),
          world.reading('r2', () => here('a')),
          world.writing('w', 'a', undefined, world.there),
          losing(world, world.here),
        ],
      };
    },
  },
  {
    name: 'announcement-forgotten-by-a-restart',
    about: 'A write has passed its fence when the server restarts; until it has announced again, nothing is kept.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here } = world.cachedTwice(stage.rows);

      return {
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          restarting(world, 'empty'),
        ],
      };
    },
  },
  {
    name: 'announcement-unknown-to-a-replica',
    about: 'The same with a replica, which has been up for long when it is promoted.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here } = world.cachedTwice(stage.rows);

      return {
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          restarting(world, 'promoted'),
        ],
      };
    },
  },
  {
    name: 'announcement-answered-late',
    about: 'An announcement is answered when its lease is over; the fence does not let the write begin under it.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          world.passing('11s'),
        ],
      };
    },
  },
  {
    name: 'fence-answered-late',
    about: 'The fence is answered when too little of the lease is left for a transaction, and it cannot be renewed.',
    levels: ['linearizable'],
    over: ['redis'],
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there, STATEMENT_TIMEOUT_MS),
          cutOff(stage),
        ],
      };
    },
  },
  {
    name: 'announcement-dropped',
    about: 'A server drops the announcement before the fence, which therefore refuses the write.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here } = world.cachedTwice(stage.rows);

      return {
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          // Later would be what a server must not do; that it does not is an assumption.
          forgetting(world, 'announcements', () => world.slowWritesBegun > 0),
        ],
      };
    },
  },
  {
    name: 'announcement-not-to-be-asked-for',
    about: 'Announcements cannot be looked for, so one may be there.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here } = world.cachedTwice(stage.rows);

      return {
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          losing(world, world.here),
        ],
      };
    },
  },
  {
    name: 'announcement-and-its-eviction',
    about: "Another's commands come between those of an announcement: who sees the new version sees the announcement.",
    levels: ['linearizable'],
    over: ['redis'],
    options: { oneByOne: true },
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [again(stage, 'r', here, world.here), world.writingSlowly('w', 'a', world.there)],
      };
    },
  },
  {
    name: 'lease-of-a-long-write',
    about: 'A write takes longer than its lease, which is renewed at each third of it.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          world.passing('3400ms', '3400ms', '3400ms'),
        ],
      };
    },
  },
  {
    name: 'death-between-commit-and-eviction',
    about: 'A writer dies after its commit: its first eviction and its lease cover what it could not evict any more.',
    levels: ['linearizable'],
    over: OVER_REDIS,
    begin: (stage) => {
      const { world } = stage;
      const { here, before } = known(stage);

      return {
        before,
        operations: () => [
          again(stage, 'r', here, world.here),
          world.writingSlowly('w', 'a', world.there),
          dying(world, world.there),
        ],
        afterwards: async () => {
          world.passLease();
          await world.reading('last', () => here('a'));
        },
      };
    },
  },
];
