import type { Play, Stage } from '../play.js';
import { dying, forgetting, losing, restarting } from '../world/faults.js';
import { OVER_REDIS } from '../world/instance.js';
import { again, known } from './known-row.js';

/** Less than half of a lease, which is what is left of it for certain when a method is called. */
const STATEMENT_TIMEOUT_MS = 4_900;

/** Time passes, the network of the writer breaks, and time passes until what was not renewed is over. */
async function cutOff({ world }: Stage): Promise<void> {
  await world.passing('5500ms');
  await losing(world, world.there);
  await world.passing('4600ms');
}

/** What can become of the announcement of a linearizable write, with few enough steps that each order is met with. */
export const ANNOUNCEMENTS: readonly Play[] = [
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
