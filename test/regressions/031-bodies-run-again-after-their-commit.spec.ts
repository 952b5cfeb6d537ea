import { expect, it } from '@jest/globals';
import { Transactions } from '../../src/context/transactions.js';
import { EngineUnderTest } from '../support/engine-under-test.js';
import { NotedOutbox } from '../support/noted-outbox.js';

const ROW = { row: (id: string) => id };

/** Two rows, and a transaction whose body is run again: the first COMMIT was sent and got no answer. */
function shop() {
  const outbox = new NotedOutbox();
  const engine = new EngineUnderTest({ outbox });
  const transactions = new Transactions(engine.scopes);
  const committed = new Map<string, number>();
  const read = engine.cached({ name: 'rows', consistency: 'linearizable', tags: ROW }, (id: string) =>
    Promise.resolve(committed.get(id) ?? 0),
  );
  const write = engine.writing({ tags: ROW }, (id: string) => Promise.resolve(id));
  const runAgain = (last: () => Promise<unknown>): Promise<void> =>
    transactions.run(async (inside) => {
      await inside(() => write('a'), 'first try');
      // Whoever runs it has lost the connection and takes another one; that this fails as well is nothing to them.
      await inside(last, 'second try').catch(() => undefined);
    });

  return { committed, engine, outbox, read, runAgain, transactions, write };
}

// All attempts in one `run` were taken for the one that was committed, so with the answer to the last commit the announcements of
// all were withdrawn, and the first commit could land after a read had stored the old value.
it('what an earlier attempt has announced outlives the last one, for its commit may be under way', async () => {
  const { committed, read, runAgain, write } = shop();
  await runAgain(() => write('b'));
  expect(await read('a')).toBe(0);
  committed.set('a', 1);

  expect(await read('a')).toBe(1);
});

it('what the last attempt has announced is withdrawn with its answer', async () => {
  const { engine, read, runAgain, write } = shop();
  await runAgain(() => write('b'));
  await read('b');
  engine.story();
  await read('b');

  expect(engine.story()).toContain('entry-served rows hit');
});

it('a body that failed before its commit leaves nothing open', async () => {
  const { engine, read, transactions, write } = shop();
  await transactions.run(async (inside) => {
    const failing = inside(async () => {
      await write('a');
      throw new Error('could not serialize');
    });
    await failing.catch(() => inside(() => write('b')));
  });
  await read('a');
  engine.story();
  await read('a');

  expect(engine.story()).toContain('entry-served rows hit');
});

it('what an earlier attempt wrote down is left to the relay, whatever came of the last one', async () => {
  const { outbox, runAgain } = shop();
  await runAgain(() => Promise.reject(new Error('it is there already')));
  await runAgain(() => Promise.resolve());

  expect(outbox.notes).toEqual([
    'recorded v3:row:a by first try',
    'recorded v3:row:a by first try',
    'recorded v3:row:a by second try',
    'settled record 3',
  ]);
});
