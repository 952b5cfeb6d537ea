import assert from 'node:assert/strict';
import { Rows } from './rows.js';
import type { Scenario } from './scenarios.js';

/** In which a call may also run in no transaction. */
export abstract class PropagatingRows extends Rows {
  /** Joins the transaction around the call; without one there is none. */
  abstract supporting<T>(body: () => Promise<T>): Promise<T>;
  /** Runs without, whatever is around the call. */
  abstract notSupporting<T>(body: () => Promise<T>): Promise<T>;
  /** The same, and is refused inside one. */
  abstract never<T>(body: () => Promise<T>): Promise<T>;
  /** As `notSupporting`, by the method that exists for it. */
  abstract without<T>(body: () => Promise<T>): Promise<T>;
}

const WITHOUT = ['supporting', 'notSupporting', 'never', 'without'] as const;
const AROUND = ['notSupporting', 'without'] as const;

/** What such a host has to keep, besides what every library has to. */
export const PROPAGATIONS: readonly Scenario[] = [
  ...WITHOUT.map((how): Scenario => ({
    title: `evicts at once what ${how} writes in no transaction, although its body fails`,
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      const failed = propagating(rows)[how](async () => {
        await numbers.write('a', 1);
        throw new Error('too late');
      });
      await assert.rejects(failed, /too late/);
      assert.equal(await numbers.read('a'), 1);
    },
  })),
  ...WITHOUT.map((how): Scenario => ({
    title: `stores what ${how} reads in no transaction`,
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      await numbers.write('a', 1);
      await propagating(rows)[how](() => numbers.read('a'));
      await numbers.read('a');
      assert.equal(numbers.loads, 1);
    },
  })),
  ...AROUND.map((how): Scenario => ({
    title: `evicts at once what ${how} writes around the transaction, although that is rolled back`,
    needsOutsiders: true,
    play: async ({ numbers, rows }) => {
      const rolledBack = rows.transaction(async () => {
        await numbers.write('b', 1);
        await propagating(rows)[how](async () => {
          await numbers.write('a', 1);
          assert.equal(await numbers.read('a'), 1);
        });
        throw new Error('changed my mind');
      });
      await assert.rejects(rolledBack, /changed my mind/);
      assert.equal(await numbers.read('a'), 1);
      assert.equal(numbers.loads, 1);
      assert.equal(await numbers.read('b'), 0);
    },
  })),
  {
    title: 'waits for the commit with what supporting writes inside a transaction',
    needsOutsiders: false,
    play: async ({ numbers, rows }) => {
      const rolledBack = rows.transaction(async () => {
        await propagating(rows).supporting(() => numbers.write('a', 1));
        assert.equal(await numbers.read('a'), 1);
        throw new Error('changed my mind');
      });
      await assert.rejects(rolledBack, /changed my mind/);
      assert.equal(await numbers.read('a'), 0);
    },
  },
];

function propagating(rows: Rows): PropagatingRows {
  assert(rows instanceof PropagatingRows);

  return rows;
}
