import { Transactions } from '../../../../src/context/transactions.js';
import { Deferred } from '../../../support/deferred.js';
import type { Play, Stage } from '../play.js';
import { IN_PROCESS } from '../world/instance.js';
import type { Rows } from '../world/history.js';
import { evicting } from '../world/scheduled-world.js';
import { again } from './known-row.js';

/** The method gives up waiting for its database, where the statement goes on and commits. */
function givesUp({ world }: Stage): readonly Promise<void>[] {
  const at = world.here;
  const began = new Deferred();
  const write = at.engine.writing(evicting('a'), async () => {
    began.resolve();
    await world.gate('gives up');
    throw new Error('the query timed out');
  });

  return [
    world.doing('w', at, async () => {
      await world.gate('starts');
      await write().catch(() => undefined);
    }),
    world.doing('statement', at, async () => {
      await began.promise;
      await world.gate('commits');
      world.commit('a', at);
    }),
  ];
}

/** A transaction that sees what was there when it began, as under REPEATABLE READ, and reads through the cache. */
function readsInSnapshot({ world, rows }: Stage): {
  readonly read: () => Promise<Rows>;
  readonly inside: () => Promise<void>;
} {
  const transactions = new Transactions(world.here.engine.scopes);
  let snapshot: Rows | undefined;
  const read = world.cached(rows, (row) =>
    transactions.isOpen && snapshot ? Promise.resolve(snapshot) : world.query(row),
  );

  return {
    read: () => read('a'),
    inside: () =>
      world.doing('t', world.here, async () => {
        await world.gate('begins');
        await transactions.run((inside) =>
          inside(async () => {
            snapshot = await world.query('a', 0);
            await world.gate('goes on');
            await read('a');
          }),
        );
      }),
  };
}

/** Writes of which nobody can say whether they are over, and reads from before they are. */
export const WRITES_IN_DOUBT: readonly Play[] = [
  {
    name: 'fails-and-commits',
    about: 'A linearizable write whose method has failed is announced for as long as it may still be committed.',
    levels: ['linearizable'],
    over: IN_PROCESS,
    begin: (stage) => {
      const { world } = stage;
      const read = world.cached(stage.rows);

      return { operations: () => [again(stage, 'r', read, world.here), ...givesUp(stage)] };
    },
  },
  {
    name: 'snapshot-of-a-transaction',
    about: 'What a transaction has loaded, from before a write of somebody else, is kept for nobody.',
    levels: ['linearizable', 'strong', 'bounded'],
    over: IN_PROCESS,
    begin: (stage) => {
      const { world } = stage;
      const { read, inside } = readsInSnapshot(stage);

      return {
        operations: () => [inside(), world.writing('w', 'a')],
        afterwards: () => world.reading('last', read),
        alsoKept: () => world.history.missedWrites(),
      };
    },
  },
];
