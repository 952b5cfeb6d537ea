import assert from 'node:assert/strict';
import { Deferred } from '../support/deferred.js';
import { retryingSerializationFailures } from './retrying.js';
import type { Stage } from './stage.js';

/** Something that has to be so of every library that runs transactions. */
export interface Scenario {
  readonly title: string;
  /** Whether somebody reads or writes outside while the transaction is open. */
  readonly needsOutsiders: boolean;
  /** @throws {AssertionError} when it is not so */
  readonly play: (stage: Stage) => Promise<void>;
}

const EVICTED = 'tags-evicted @CacheEvict on NumbersService.write';

/** Played in jest, and in processes outside of it; every number is 0 and stored at the beginning of each. */
export const SCENARIOS: readonly Scenario[] = [
  {
    title: 'evicts after the commit, and before its caller hears of it (J1)',
    needsOutsiders: true,
    play: async ({ numbers, rows, story, table }) => {
      await table.holdingCommit(
        () => rows.transaction(() => numbers.write('a', 1)),
        async () => {
          // Whatever is read and stored until the commit is the old value.
          assert.equal(await numbers.read('a'), 0);
          assert(!story.lines().includes(EVICTED));
        },
      );
      assert(story.lines().includes(EVICTED));
      assert.equal(await numbers.read('a'), 1);
    },
  },
  {
    title: 'evicts nothing when its body fails (J2)',
    needsOutsiders: false,
    play: async ({ numbers, rows, story }) => {
      const rolledBack = rows.transaction(async () => {
        await numbers.write('a', 1);
        throw new Error('sold out');
      });
      await assert.rejects(rolledBack, /sold out/);
      assert.equal(await numbers.read('a'), 0);
      assert.equal(numbers.loads, 0);
      assert(!story.lines().includes(EVICTED));
    },
  },
  {
    title: 'keeps nothing of what is refused at the commit, when its body has ended well (J2)',
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      let seen = NaN;
      const refused = rows.transaction(async () => {
        await numbers.write('a', -1);
        seen = await numbers.read('a');
      });
      await assert.rejects(refused);
      assert.equal(seen, -1);
      assert.equal(await numbers.read('a'), 0);
    },
  },
  {
    title: 'keeps what it wrote around a savepoint, and nothing of what was rolled back to it (J4)',
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      // One after the other: inside they share one connection.
      const all = async () => [await numbers.read('a'), await numbers.read('b'), await numbers.read('c')];
      await rows.transaction(async () => {
        await numbers.write('a', 1);
        const undone = rows.savepoint(async () => {
          await numbers.write('b', 1);
          assert.equal(await numbers.read('b'), 1);
          throw new Error('not this one');
        });
        await assert.rejects(undone, /not this one/);
        await rows.savepoint(() => numbers.write('c', 1));
        assert.deepEqual(await all(), [1, 0, 1]);
      });
      assert.deepEqual(await all(), [1, 0, 1]);
    },
  },
  {
    title: 'reads what it has written from the database, and stores nothing of it (J3)',
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      const rolledBack = rows.transaction(async () => {
        await numbers.write('a', 1);
        assert.equal(await numbers.read('a'), 1);
        assert.equal(await numbers.read('a'), 1);
        throw new Error('changed my mind');
      });
      await assert.rejects(rolledBack, /changed my mind/);
      assert.equal(numbers.loads, 2);
      assert.equal(await numbers.read('a'), 0);
    },
  },
  {
    title: 'is answered by the cache about what it has not written',
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      await rows.transaction(async () => {
        await numbers.write('a', 1);
        assert.equal(await numbers.read('b'), 0);
      });
      assert.equal(numbers.loads, 0);
    },
  },
  {
    title: 'stores nothing of an old snapshot, under whatever versions it was read',
    needsOutsiders: true,
    play: async ({ numbers, rows }) => {
      const [begun, written] = [new Deferred(), new Deferred()];
      const looking = rows.transaction(async () => {
        // The first statement takes the snapshot.
        await rows.read('b');
        begun.resolve();
        await written.promise;
        return numbers.read('a');
      }, 'repeatable read');
      await begun.promise;
      await numbers.write('a', 1);
      written.resolve();
      assert.equal(await looking, 0);
      assert.equal(await numbers.read('a'), 1);
    },
  },
  {
    title: 'counts once, when it is tried again because it could not be serialized',
    needsOutsiders: true,
    play: async ({ numbers, rows }) => {
      const [first, second] = [new Deferred(), new Deferred()];
      let attempts = 0;
      const increment = (between: () => Promise<void>): Promise<void> =>
        retryingSerializationFailures(() =>
          rows.transaction(async () => {
            const value = await rows.read('a');
            await between();
            await numbers.write('a', value + 1);
          }, 'serializable'),
        );
      const slow = increment(async () => {
        attempts += 1;
        first.resolve();
        await second.promise;
      });
      await first.promise;
      await increment(() => Promise.resolve());
      second.resolve();
      await slow;
      assert.equal(attempts, 2);
      assert.equal(await numbers.read('a'), 2);
    },
  },
  {
    title: 'evicts what one of its own within it has committed, although it is rolled back itself',
    needsOutsiders: true,
    play: async ({ numbers, rows, story }) => {
      const rolledBack = rows.transaction(async () => {
        await numbers.write('b', 1);
        await rows.ownTransaction(() => numbers.write('a', 1));
        assert(story.lines().includes(EVICTED));
        throw new Error('changed my mind');
      });
      await assert.rejects(rolledBack, /changed my mind/);
      assert.equal(await numbers.read('a'), 1);
      assert.equal(await numbers.read('b'), 0);
    },
  },
];
