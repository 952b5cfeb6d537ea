import { expect, it } from '@jest/globals';
import { CallScopes } from '../../src/context/call-scope.js';
import type { OpenTransaction } from '../../src/context/open-transaction.js';
import { transactional } from '../../src/context/transactional.js';
import { Transactions } from '../../src/context/transactions.js';

/** What a module exports for every application of its process. */
function sharedDatabase() {
  return {
    calls: 0,
    async transaction<T>(body: (handle: string) => Promise<T>): Promise<T> {
      this.calls += 1;
      return body('tx');
    },
  };
}

function application() {
  const scopes = new CallScopes(undefined);

  return { scopes, transactions: new Transactions(scopes) };
}

const depthOf = (transaction: OpenTransaction | undefined): number =>
  transaction === undefined ? 0 : 1 + depthOf(transaction.outer);

// What had been put in place of the method was known by itself, and not whom it tells: the caches of every application but the
// first evicted before the commit, and stored what was loaded inside.
it('both hear of its transactions, whoever was connected first', async () => {
  const [first, second] = [application().transactions, application().transactions];
  const db = transactional(second, transactional(first, sharedDatabase()));
  const seen = await db.transaction(async (handle) => Promise.resolve([handle, first.isOpen, second.isOpen]));

  expect(seen).toEqual(['tx', true, true]);
  expect([first.isOpen, second.isOpen, db.calls]).toEqual([false, false, 1]);
});

it('and nobody hears of them twice, in whatever order they are connected again', async () => {
  const [first, second] = [application(), application()];
  const db = sharedDatabase();
  for (const { transactions } of [first, second, first, second]) transactional(transactions, db);
  const depths = await db.transaction(async () =>
    Promise.resolve([first, second].map(({ scopes }) => depthOf(scopes.current().transaction))),
  );

  expect(depths).toEqual([1, 1]);
});

it('one that has been closed is told no more', async () => {
  const [first, second] = [application(), application()];
  const db = transactional(second.transactions, transactional(first.transactions, sharedDatabase()));
  first.scopes.close();
  const seen = await db.transaction(async () =>
    Promise.resolve([first, second].map((each) => each.transactions.isOpen)),
  );

  expect(seen).toEqual([false, true]);
});
