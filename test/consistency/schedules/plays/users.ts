import type { Play, Stage } from '../play.js';
import { confusing } from '../world/faults.js';
import type { Rows } from '../world/history.js';
import { IN_PROCESS } from '../world/instance.js';
import type { ReadRow } from '../world/scheduled-world.js';

const LEVELS = ['linearizable', 'strong', 'bounded', 'eventual'] as const;
const EVERYWHERE = [...IN_PROCESS, 'redis', 'redis-with-copies'] as const;

/** Reads on behalf of a user, and notes whoever is shown the row of somebody else. */
class Users {
  readonly strangers: string[] = [];

  constructor(private readonly stage: Stage) {}

  /** What a load finds of whoever is calling. */
  readonly ownRow: ReadRow = () => {
    const { world } = this.stage;
    const user = String(world.here.engine.callers.current()?.user);

    return world.query(user);
  };

  reading(user: string, read: () => Promise<Rows>): Promise<void> {
    const { world } = this.stage;

    return world.reading(user, async () => {
      const saw = await world.here.engine.callers.runAs({ user }, read);
      if (!(user in saw)) this.strangers.push(`${user} was shown ${Object.keys(saw).join()}`);
      return saw;
    });
  }
}

/** Two users ask for the same thing, and it is not the same. */
export const USERS: readonly Play[] = [
  {
    name: 'two-users-of-one-key',
    about: 'Each user has an entry of their own, and a load of their own.',
    levels: LEVELS,
    over: IN_PROCESS,
    begin: (stage) => {
      const users = new Users(stage);
      const { world, rows } = stage;
      const read = world.cached({ ...rows, scope: 'user' }, users.ownRow);

      return {
        operations: () => [
          users.reading('ada', () => read('profile')),
          users.reading('bob', () => read('profile')),
          users.reading('bob', () => read('profile')),
          world.writing('w', 'profile'),
        ],
        alsoKept: () => users.strangers,
      };
    },
  },
  {
    name: 'shared-load-that-looks-at-its-caller',
    about: 'What looked at its caller is neither kept for everybody nor given to those who joined.',
    levels: LEVELS,
    over: EVERYWHERE,
    begin: (stage) => {
      const users = new Users(stage);
      const { world, rows } = stage;
      const read = world.cached(rows, users.ownRow);

      return {
        operations: () => [
          users.reading('ada', () => read('profile')),
          users.reading('bob', () => read('profile')),
          users.reading('bob', () => read('profile')),
        ],
        alsoKept: () => users.strangers,
      };
    },
  },
  {
    name: 'shared-page-of-a-users-part',
    about: 'What was made of something of one user is not given to another.',
    levels: ['strong', 'bounded', 'eventual'],
    over: IN_PROCESS,
    begin: (stage) => {
      const users = new Users(stage);
      const { world, rows } = stage;
      const part = world.cached({ ...rows, name: 'part', scope: 'user' }, users.ownRow);
      const page = world.cached({ ...rows, name: 'page' }, (row) => part(row));

      return {
        operations: () => [
          users.reading('ada', () => page('profile')),
          users.reading('ada', () => page('profile')),
          users.reading('bob', () => page('profile')),
        ],
        alsoKept: () => users.strangers,
      };
    },
  },
  {
    name: 'replies-of-others',
    about: 'A connection that gives the replies of other reads is not believed.',
    levels: LEVELS,
    over: ['redis', 'redis-with-copies'],
    begin: (stage) => {
      const users = new Users(stage);
      const { world, rows } = stage;
      const read = world.cached({ ...rows, scope: 'user' }, users.ownRow);
      const inTurn = async (...who: readonly string[]): Promise<void> => {
        for (const user of who) await users.reading(user, () => read('profile'));
      };

      return {
        operations: () => [inTurn('ada', 'ada'), inTurn('bob', 'bob'), confusing(world, world.here)],
        alsoKept: () => users.strangers,
      };
    },
  },
];
