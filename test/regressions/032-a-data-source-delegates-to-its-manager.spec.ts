import { expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CallScopes } from '../../src/context/call-scope.js';
import { transactional } from '../../src/context/transactional.js';
import { Transactions } from '../../src/context/transactions.js';

const transactions = new Transactions(new CallScopes(undefined));

// The docstring recommended TypeORM's DataSource, whose `transaction` only calls that of its manager: what a repository or an
// injected EntityManager began went past us, and evicted before it was committed.
it('a DataSource is refused, and the error says what to pass', () => {
  const source = new DataSource({ type: 'postgres' });

  expect(() => transactional(transactions, source)).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID', fix: expect.stringContaining('.manager') }),
  );
});

it('its manager is taken, through which its own transactions and those of repositories go', async () => {
  const source = new DataSource({ type: 'postgres' });
  // In place of a server.
  source.manager.transaction = async (body: unknown) => (body as () => Promise<never>)();
  transactional(transactions, source.manager);

  expect(await source.transaction(async () => Promise.resolve(transactions.isOpen))).toBe(true);
  expect(await source.manager.transaction(async () => Promise.resolve(transactions.isOpen))).toBe(true);
});

it('a manager that runs no transactions is no reason', async () => {
  const db = { manager: { name: 'Ada' }, transaction: async (body: () => Promise<boolean>) => body() };

  expect(await transactional(transactions, db).transaction(async () => Promise.resolve(transactions.isOpen))).toBe(
    true,
  );
});
