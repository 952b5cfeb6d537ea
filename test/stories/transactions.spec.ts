import { describe, expect, it } from '@jest/globals';
import { Transactions } from '../../src/context/transactions.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { valueTag } from '../../src/entry/tag.js';
import type { ConsistencyLevel } from '../../src/policy/consistency-level.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const ROW = { row: (id: string) => id };

/** A table with one transaction at a time, which sees its own writes before others do. */
class Table {
  private readonly committed = new Map<string, number>();
  private pending: Map<string, number> | undefined;

  read(id: string, inside: boolean): number {
    return (inside ? this.pending?.get(id) : undefined) ?? this.committed.get(id) ?? 0;
  }

  write(id: string, value: number, inside: boolean): void {
    if (inside) this.pending?.set(id, value);
    else this.committed.set(id, value);
  }

  /** As over another connection. */
  async commit(id: string, value: number): Promise<void> {
    this.committed.set(id, value);
    return Promise.resolve();
  }

  /** One within another is a savepoint that is never rolled back to. */
  async transaction<T>(body: () => Promise<T>): Promise<T> {
    if (this.pending !== undefined) return body();
    this.pending = new Map();
    try {
      const result = await body();
      for (const [id, value] of this.pending) this.committed.set(id, value);
      return result;
    } finally {
      this.pending = undefined;
    }
  }
}

function shop(level: ConsistencyLevel = 'strong', parts: ConstructorParameters<typeof EngineUnderTest>[0] = {}) {
  const engine = new EngineUnderTest(parts);
  const transactions = new Transactions(engine.scopes);
  const table = new Table();
  let loads = 0;
  const tolerance = level === 'bounded' ? { tolerance: { max: '1m' } as const } : {};
  const lifetime = level === 'eventual' ? { ttl: '1m' as const } : {};
  const read = engine.cached(
    { name: 'rows', consistency: level, tags: ROW, ...tolerance, ...lifetime },
    async (id: string) => {
      loads += 1;
      return Promise.resolve(table.read(id, transactions.isOpen));
    },
  );
  const write = engine.writing<[id: string, value: number], number>(
    { tags: ROW },
    async (id: string, value: number) => {
      table.write(id, value, transactions.isOpen);
      return Promise.resolve(value);
    },
  );
  const transaction = <T>(body: () => Promise<T>): Promise<T> =>
    transactions.run((inside) => table.transaction(() => inside(body)));
  /** Somebody else, who is in no transaction. */
  const readOutside = (id: string): Promise<number> => engine.scopes.within({ transaction: undefined }, () => read(id));

  return { engine, transactions, table, read, readOutside, write, transaction, loads: () => loads };
}

describe.each(['linearizable', 'strong', 'bounded', 'eventual'] as const)(
  'inside a transaction, a cache that is %s',
  (level) => {
    it('shows what was written in it to whoever is inside, and to nobody else before the commit (J3)', async () => {
      const { read, readOutside, table, transaction, write } = shop(level);
      expect(await read('a')).toBe(0);
      await transaction(async () => {
        await write('a', 1);
        expect(await read('a')).toBe(1);
        // Others read what is committed: the real table would not show them the pending value either.
        expect(table.read('a', false)).toBe(0);
      });

      expect(await readOutside('a')).toBe(1);
    });

    it('stores nothing that was loaded in it', async () => {
      const { engine, loads, read, transaction } = shop(level);
      await transaction(async () => {
        await read('a');
        await read('a');
      });
      expect(loads()).toBe(2);
      expect(engine.story()).toContain('load-finished rows in-transaction');
      await read('a');

      expect(loads()).toBe(3);
    });

    it('answers from what was stored before, as long as it was not written', async () => {
      const { loads, read, transaction, write } = shop(level);
      await read('a');
      await read('b');
      await transaction(async () => {
        await write('b', 1);
        await read('a');
      });

      expect(loads()).toBe(2);
    });

    it('forgets nothing after a rollback, and keeps nothing of it (J2)', async () => {
      const { read, transaction, write } = shop(level);
      await read('a');
      const rolledBack = transaction(async () => {
        await write('a', 1);
        expect(await read('a')).toBe(1);
        throw new Error('changed my mind');
      });
      await expect(rolledBack).rejects.toThrow('changed my mind');

      expect(await read('a')).toBe(0);
    });
  },
);

describe('evictions of a transaction', () => {
  it('happen after the commit, and before its caller hears of it (J1)', async () => {
    const { engine, transaction, write } = shop();
    engine.story();
    await transaction(async () => {
      await write('a', 1);
      await write('b', 1);
      expect(engine.story()).toEqual([]);
    });

    expect(engine.story()).toEqual(['tags-evicted write', 'tags-evicted write']);
  });

  it('of a savepoint happen after the outermost commit, whatever happened when it was released (J4)', async () => {
    const { read, readOutside, transaction, write } = shop();
    await read('a');
    await transaction(async () => {
      await transaction(() => write('a', 1));
      expect(await readOutside('a')).toBe(0);
    });

    expect(await read('a')).toBe(1);
  });

  it('of a transaction of its own happen when that is committed, although the one around it is rolled back', async () => {
    const { engine, read, table, transactions } = shop();
    const commit = engine.writing({ tags: ROW }, async (id: string) => table.commit(id, 1));
    await read('a');
    const rolledBack = transactions.run((outer) =>
      outer(async () => {
        await transactions.run((inner) => inner(() => commit('a')));
        expect(engine.story()).toContain('tags-evicted write');
        throw new Error('changed my mind');
      }),
    );
    await expect(rolledBack).rejects.toThrow('changed my mind');

    expect(await read('a')).toBe(1);
  });

  it('of what goes around the transaction happen at once', async () => {
    const { engine, read, table, transactions } = shop();
    const commit = engine.writing({ tags: ROW }, async (id: string) => table.commit(id, 1));
    await read('a');
    const rolledBack = transactions.run((inside) =>
      inside(async () => {
        await transactions.outside(() => commit('a'));
        throw new Error('changed my mind');
      }),
    );
    await expect(rolledBack).rejects.toThrow('changed my mind');

    expect(await read('a')).toBe(1);
  });

  it('of code without a method that writes happen at once, and again after the commit', async () => {
    const { engine, read, readOutside, transaction, table, transactions } = shop();
    await read('a');
    await transaction(async () => {
      table.write('a', 1, transactions.isOpen);
      await engine.eviction.evictAlso([valueTag('row', 'a')], 'cache.evict');
      expect(await read('a')).toBe(1);
      expect(await readOutside('b')).toBe(0);
    });
    expect(engine.story().filter((line) => line.startsWith('tags-evicted'))).toHaveLength(2);

    expect(await readOutside('a')).toBe(1);
  });

  it('do not happen after a rollback, except where a commit got no answer', async () => {
    const { engine, table, transactions, write } = shop();
    await transactions
      .run((inside) =>
        table.transaction(() =>
          inside(async () => {
            await write('a', 1);
            throw new Error('rolled back');
          }),
        ),
      )
      .catch(() => undefined);
    expect(engine.story()).toEqual([]);

    const lost = transactions.run(async (inside) => {
      await table.transaction(() => inside(() => write('a', 1)));
      throw new Error('the connection was lost');
    });
    await expect(lost).rejects.toThrow('the connection was lost');
    expect(engine.story()).toEqual(['tags-evicted write']);
  });

  it('count for the body that was committed, where a transaction was tried again', async () => {
    const { read, table, transactions, write } = shop();
    await read('a');
    let attempts = 0;
    await transactions.run(async (inside) => {
      const attempt = (): Promise<void> =>
        table.transaction(() =>
          inside(async () => {
            attempts += 1;
            await write('a', attempts);
            if (attempts === 1) throw new Error('could not serialize');
          }),
        );
      return attempt().catch(attempt);
    });

    expect(await read('a')).toBe(2);
  });

  it('happen when a first commit got no answer, and the body that was tried after it failed', async () => {
    const { read, table, transactions, write } = shop();
    await read('a');
    let attempts = 0;
    const failed = transactions.run(async (inside) => {
      const attempt = (): Promise<void> =>
        table.transaction(() =>
          inside(async () => {
            attempts += 1;
            if (attempts === 2) throw new Error('it is there already');
            await write('a', 1);
          }),
        );
      await attempt();
      return attempt();
    });
    await expect(failed).rejects.toThrow('it is there already');

    expect(await read('a')).toBe(1);
  });

  it('that fail are told to whoever ran the transaction, although it is committed', async () => {
    class FailingToBump extends InProcessVersionStore {
      isBroken = false;

      override bump(tags: readonly string[]): Promise<void> {
        return this.isBroken ? Promise.reject(new Error('the store is down')) : super.bump(tags);
      }
    }
    const versions = new FailingToBump(100);
    const { table, transaction, write } = shop('strong', { versions });
    const committed = transaction(async () => {
      await write('a', 1);
      versions.isBroken = true;
    });

    await expect(committed).rejects.toMatchObject({ code: 'EVICTION_FAILED' });
    expect(table.read('a', false)).toBe(1);
  });
});

describe('what was begun in a transaction and outlives it', () => {
  it('evicts what it writes, and stores what it reads', async () => {
    const { engine, loads, read, table, transaction, transactions, write } = shop();
    const over = new Deferred();
    let left: Promise<number> | undefined;
    await read('a');
    await transaction(async () => {
      left = over.promise.then(() => write('a', 1));
      return Promise.resolve();
    });
    engine.story();
    over.resolve();
    await left;
    expect(transactions.isOpen).toBe(false);
    expect(table.read('a', false)).toBe(1);
    expect(engine.story()).toEqual(['tags-evicted write']);
    await read('a');
    await read('a');

    expect(loads()).toBe(2);
  });

  it('evicts when it ends, if it was under way', async () => {
    const { engine, read, table, transaction } = shop();
    const over = new Deferred();
    const slow = engine.writing({ tags: ROW }, async (id: string) => {
      await over.promise;
      table.write(id, 1, false);
    });
    let left: Promise<void> | undefined;
    await transaction(async () => {
      left = slow('a');
      return Promise.resolve();
    });
    expect(await read('a')).toBe(0);
    over.resolve();
    await left;

    expect(await read('a')).toBe(1);
  });
});

describe('a linearizable write in a transaction', () => {
  class Intents extends InProcessWriteIntents {
    isLost = false;

    override async announce(tags: readonly string[]) {
      const announcement = await super.announce(tags);
      return {
        confirm: () => (this.isLost ? Promise.reject(new Error('lost')) : announcement.confirm()),
        withdraw: () => announcement.withdraw(),
        abandon: () => {
          announcement.abandon();
        },
        get lost() {
          return announcement.lost;
        },
      };
    }
  }

  it('is announced until the commit: reads meanwhile store nothing', async () => {
    const { readOutside, transaction, write, loads } = shop('linearizable');
    await transaction(async () => {
      await write('a', 1);
      await readOutside('a');
      await readOutside('a');
    });
    expect(loads()).toBe(2);
    await readOutside('a');
    await readOutside('a');

    expect(loads()).toBe(3);
  });

  it('is withdrawn by a rollback', async () => {
    const { readOutside, transaction, write, loads } = shop('linearizable');
    await transaction(async () => {
      await write('a', 1);
      throw new Error('rolled back');
    }).catch(() => undefined);
    await readOutside('a');
    await readOutside('a');

    expect(loads()).toBe(1);
  });

  it('is rolled back when its announcement is lost before the commit', async () => {
    const intents = new Intents();
    const { read, table, transaction, write } = shop('linearizable', { intents });
    await read('a');
    const refused = transaction(async () => {
      await write('a', 1);
      intents.isLost = true;
    });

    await expect(refused).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
    expect(table.read('a', false)).toBe(0);
  });
});

describe('a load that opens a transaction of its own', () => {
  it('is stored', async () => {
    const { engine, loads, read, table, transaction } = shop();
    const sum = engine.cached({ name: 'sums', consistency: 'strong' }, (id: string) =>
      transaction(async () => Promise.resolve(table.read(id, true))),
    );
    await sum('a');
    await sum('a');
    expect(engine.story().at(-1)).toBe('entry-served sums hit');
    await read('a');

    expect(loads()).toBe(1);
  });

  it('is not, when it makes cached reads in it: they may be from before what their versions are from', async () => {
    const { engine, read, transaction } = shop();
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, (id: string) => transaction(() => read(id)));
    await page('a');

    expect(engine.story()).toContain('load-finished pages in-transaction');
  });
});

describe('a page made of rows, read in a transaction that has written one', () => {
  it('is made anew of what was written', async () => {
    const { engine, read, transaction, write } = shop();
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async (id: string) => `row ${await read(id)}`);
    expect(await page('a')).toBe('row 0');
    await transaction(async () => {
      await write('a', 1);
      expect(await page('a')).toBe('row 1');
    });

    expect(await page('a')).toBe('row 1');
  });
});
