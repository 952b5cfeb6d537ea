import { describe, expect, it } from '@jest/globals';
import { CallScopes } from '../../src/context/call-scope.js';
import { transactional, UnseenTransactionsError } from '../../src/context/transactional.js';
import { Transactions } from '../../src/context/transactions.js';

const transactions = new Transactions(new CallScopes(undefined));

describe('transactional', () => {
  it('tells of each transaction, with the arguments that its method takes', async () => {
    const db = transactional(transactions, {
      calls: [] as unknown[],
      async transaction(isolation: string, body: (handle: string) => Promise<boolean>) {
        this.calls.push(isolation);
        return body('the handle');
      },
    });
    const seen = db.transaction('serializable', async (handle) =>
      Promise.resolve(handle === 'the handle' && transactions.isOpen),
    );

    expect(await seen).toBe(true);
    expect(db.calls).toEqual(['serializable']);
    expect(transactions.isOpen).toBe(false);
  });

  it('changes nothing a second time', () => {
    const db = { transaction: async (body: () => Promise<void>) => body() };
    const { transaction } = transactional(transactions, db);

    expect(transactional(transactions, db).transaction).toBe(transaction);
  });

  it('leaves a call alone that brings no body: a list of statements, or a transaction ended by hand', async () => {
    const client = { $transaction: async (statements?: readonly string[]) => Promise.resolve(statements ?? 'by hand') };
    transactional(transactions, client, '$transaction');

    expect(await client.$transaction(['one', 'two'])).toEqual(['one', 'two']);
    expect(await client.$transaction()).toBe('by hand');
  });

  it('is outside with a body that runs in no transaction of the object, as the object says', async () => {
    const host = { isOpen: false, run: async (body: () => Promise<unknown>) => body() };
    transactional(transactions, host, 'run', () => host.isOpen);
    expect(await host.run(async () => Promise.resolve(transactions.isOpen))).toBe(false);

    host.isOpen = true;
    const seen = await host.run(async () => {
      host.isOpen = false;
      const around = await host.run(async () => Promise.resolve(transactions.isOpen));
      return { inside: transactions.isOpen, around };
    });
    expect(seen).toEqual({ inside: true, around: false });
  });

  it('stays inside a transaction of another object, of which this one knows nothing', async () => {
    const host = { run: async (body: () => Promise<boolean>) => body() };
    transactional(transactions, host, 'run', () => false);
    const db = transactional(transactions, { transaction: async (body: () => Promise<boolean>) => body() });

    expect(await db.transaction(() => host.run(async () => Promise.resolve(transactions.isOpen)))).toBe(true);
  });

  it('refuses what has no such method', () => {
    expect(() => transactional(transactions, {} as { transaction: () => void })).toThrow(UnseenTransactionsError);
  });
});
