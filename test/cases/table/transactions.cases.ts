import { expect } from '@jest/globals';
import type { BehaviouralCase, Subject } from '../behavioural-case.js';

const BY_PRODUCT = { tags: { product: (sku: string) => sku } };
const ROLLED_BACK = new Error('rolled back');

/** One row of a database: what is committed, and what the open transaction has written. */
class Row {
  private committed = 0;
  private pending: number | undefined;

  constructor(private readonly on: Subject) {
    on.origin.answer = async () => (on.transactions.isOpen ? (this.pending ?? this.committed) : this.committed);
    on.origin.writeAnswer = async (_sku, value) => {
      if (on.transactions.isOpen) this.pending = Number(value);
      else this.committed = Number(value);
    };
  }

  /** One inside another is a savepoint. */
  transaction<T>(body: () => Promise<T>): Promise<T> {
    const isOutermost = !this.on.transactions.isOpen;
    const before = this.pending;

    return this.on.transactions.run(async (inside) => {
      try {
        const result = await inside(body);
        if (isOutermost) this.committed = this.pending ?? this.committed;

        return result;
      } catch (error) {
        this.pending = before;
        throw error;
      } finally {
        if (isOutermost) this.pending = undefined;
      }
    });
  }

  /** As somebody else, over another connection. */
  readOutside(): Promise<unknown> {
    return this.on.transactions.outside(() => this.on.read('sku'));
  }
}

/** J. Reads and writes inside transactions; what a crash does to one is in test/transactions/crash.spec.ts. */
export const TRANSACTIONS: readonly BehaviouralCase[] = [
  {
    id: 'J1',
    title: 'evicts what a transaction wrote when the outermost one has committed, and no sooner',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run(on) {
      const { read, write, figures } = on;
      const row = new Row(on);
      expect(await read('sku')).toBe(0);

      await row.transaction(async () => {
        await row.transaction(() => write('sku', 1));
        expect(await row.readOutside()).toBe(0);
      });
      expect(await read('sku')).toBe(1);

      const { hit } = figures();
      expect(await read('sku')).toBe(1);
      expect(figures().hit).toBe(hit + 1);
    },
  },
  {
    id: 'J2',
    title: 'goes on with its caches after a transaction that was rolled back',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run(on) {
      const { read, write, figures } = on;
      const row = new Row(on);
      await read('sku');
      const attempt = row.transaction(async () => {
        await write('sku', 1);
        throw ROLLED_BACK;
      });

      await expect(attempt).rejects.toBe(ROLLED_BACK);
      expect(await read('sku')).toBe(0);
      const { hit } = figures();
      expect(await read('sku')).toBe(0);
      expect(figures().hit).toBe(hit + 1);
    },
  },
  {
    id: 'J3',
    title: 'shows what a transaction wrote to those inside it alone, and keeps nothing of that',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run(on) {
      const { read, write } = on;
      const row = new Row(on);
      await read('sku');
      const attempt = row.transaction(async () => {
        await write('sku', 1);
        expect([await read('sku'), await row.readOutside(), await read('sku')]).toEqual([1, 0, 1]);
        throw ROLLED_BACK;
      });

      await expect(attempt).rejects.toBe(ROLLED_BACK);
      expect(await read('sku')).toBe(0);
    },
  },
  {
    id: 'J4',
    title: 'takes a savepoint that was rolled back to for a part of the transaction that was committed',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run(on) {
      const { read, write } = on;
      const row = new Row(on);
      await read('sku');
      await row.transaction(async () => {
        await write('sku', 1);
        const inner = row.transaction(async () => {
          await write('sku', 2);
          throw ROLLED_BACK;
        });
        await expect(inner).rejects.toBe(ROLLED_BACK);
        expect(await read('sku')).toBe(1);
      });

      expect([await read('sku'), await read('sku')]).toEqual([1, 1]);
    },
  },
];
