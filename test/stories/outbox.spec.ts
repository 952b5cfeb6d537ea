import { expect, it } from '@jest/globals';
import { Transactions } from '../../src/context/transactions.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';
import { NotedOutbox } from '../support/noted-outbox.js';

const ROW = { row: (id: string) => id };

class BreakableVersions extends InProcessVersionStore {
  isBroken = false;

  override bump(tags: readonly string[]): Promise<void> {
    return this.isBroken ? Promise.reject(new Error('the store is down')) : super.bump(tags);
  }
}

function shop() {
  const outbox = new NotedOutbox();
  const versions = new BreakableVersions(100);
  const engine = new EngineUnderTest({ outbox, versions });
  engine.events.subscribe(({ type }) => {
    if (type === 'tags-evicted' || type === 'eviction-unrecorded') outbox.notes.push(type);
  });
  const transactions = new Transactions(engine.scopes);
  const write = engine.writing({ tags: ROW }, async (id: string) => Promise.resolve(id));
  /** A library that commits when the body has returned. */
  const transaction = <T>(body: () => Promise<T>): Promise<T> =>
    transactions.run(async (inside) => {
      const result = await inside(body, 'tx');
      outbox.notes.push('committed');
      return result;
    });

  return { outbox, versions, engine, transactions, transaction, write };
}

it('a transaction writes down all that it outdates as its last, and forgets it once that is evicted', async () => {
  const { outbox, transaction, transactions, write } = shop();
  await transaction(async () => {
    await write('a');
    await transactions.run((inside) => inside(() => write('b')));
    outbox.notes.push('body ends');
  });

  expect(outbox.notes).toEqual([
    'tags-evicted',
    'body ends',
    'recorded v3:row:a v3:row:b by tx',
    'committed',
    'tags-evicted',
    'tags-evicted',
    'settled record 3',
  ]);
});

it('a transaction of its own within another writes down what it outdates with its own commit', async () => {
  const { outbox, transaction, transactions, write } = shop();
  const rolledBack = transactions.run((outer) =>
    outer(async () => {
      await write('a');
      await transaction(() => write('b'));
      throw new Error('changed my mind');
    }, 'outer tx'),
  );
  await expect(rolledBack).rejects.toThrow('changed my mind');

  // It stays written down, and will be evicted once more: nobody can tell that it was committed.
  expect(outbox.notes).toEqual(['recorded v3:row:b by tx', 'committed', 'tags-evicted']);
});

it('a transaction that outdates nothing writes nothing down', async () => {
  const { outbox, transaction } = shop();
  await transaction(async () => undefined);

  expect(outbox.notes).toEqual(['committed']);
});

it('what cannot be written down is rolled back, and evicts nothing', async () => {
  const { outbox, transaction, write } = shop();
  outbox.isBroken = true;

  await expect(transaction(() => write('a'))).rejects.toThrow('disk full');
  expect(outbox.notes).toEqual([]);
});

it('a rollback leaves nothing to settle', async () => {
  const { outbox, transaction, write } = shop();
  const rolledBack = transaction(async () => {
    await write('a');
    throw new Error('changed my mind');
  });

  await expect(rolledBack).rejects.toThrow('changed my mind');
  expect(outbox.notes).toEqual([]);
});

it('an eviction that could not be confirmed stays written down', async () => {
  const { outbox, transaction, versions, write } = shop();
  const committed = transaction(async () => {
    await write('a');
    versions.isBroken = true;
  });

  await expect(committed).rejects.toMatchObject({ code: 'EVICTION_FAILED' });
  expect(outbox.notes).toEqual(['recorded v3:row:a by tx', 'committed']);
});

it('a commit of which no answer came stays written down, for it may still be on its way', async () => {
  const { outbox, transactions, write } = shop();
  const lost = transactions.run(async (inside) => {
    await inside(() => write('a'), 'tx');
    throw new Error('the connection was lost');
  });

  await expect(lost).rejects.toThrow('the connection was lost');
  expect(outbox.notes).toEqual(['recorded v3:row:a by tx', 'tags-evicted']);
});

it('each attempt of a body that is run again writes for itself, and the one that was answered is settled', async () => {
  const { outbox, transactions, write } = shop();
  await transactions.run(async (inside) => {
    const attempt = (): Promise<string> => inside(() => write('a'), 'tx');
    await attempt();
    await attempt();
  });

  // Record 1 is there only if the first commit was done after all, and then nobody knows when: that is for the relay.
  expect(outbox.notes.filter((note) => note.startsWith('settled'))).toEqual(['settled record 2']);
});

it('whoever does not say where the body ends is told that nothing was written down', async () => {
  const { outbox, transactions, write } = shop();
  await transactions.run(() => write('a'));

  expect(outbox.notes).toEqual(['tags-evicted', 'eviction-unrecorded']);
});
