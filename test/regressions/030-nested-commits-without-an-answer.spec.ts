import { expect, it } from '@jest/globals';
import { Transactions } from '../../src/context/transactions.js';
import { EngineUnderTest } from '../support/engine-under-test.js';
import { NotedOutbox } from '../support/noted-outbox.js';

const ROW = { row: (id: string) => id };

/** A row, and a transaction of its own whose COMMIT is sent and never answered; it lands when it is told to. */
function shop() {
  const outbox = new NotedOutbox();
  const engine = new EngineUnderTest({ outbox });
  const transactions = new Transactions(engine.scopes);
  let committed = 0;
  const read = engine.cached({ name: 'rows', consistency: 'linearizable', tags: ROW }, () =>
    Promise.resolve(committed),
  );
  const write = engine.writing({ tags: ROW }, (id: string) => Promise.resolve(id));
  const lost = (): Promise<never> =>
    transactions.run(async (inside) => {
      await inside(() => write('a'), 'inner');
      throw new Error('the connection was lost');
    });
  const lands = (): void => {
    committed = 1;
  };

  return { engine, lands, lost, outbox, read, transactions };
}

// The commit of a transaction within another got no answer, and was taken for whatever became of the one around it: with that
// its announcement was withdrawn, so that a read could store the old value before the commit landed.
it.each(['committed', 'rolled back'])(
  'a commit that got no answer stays announced, although the transaction around it is %s',
  async (end) => {
    const { lands, lost, read, transactions } = shop();
    const outer = transactions.run((inside) =>
      inside(async () => {
        await lost().catch(() => undefined);
        if (end === 'rolled back') throw new Error('changed my mind');
      }, 'outer'),
    );
    await outer.catch(() => undefined);
    expect(await read('a')).toBe(0);
    lands();

    expect(await read('a')).toBe(1);
  },
);

it('and is announced no longer than a commit of which no answer came is', async () => {
  const { engine, lost, read, transactions } = shop();
  await transactions.run((inside) => inside(() => lost().catch(() => undefined), 'outer'));
  engine.clock.advance('10s');
  engine.story();
  await read('a');
  await read('a');

  expect(engine.story()).toContain('entry-served rows hit');
});

// Its record was settled with that of the transaction around it, so nobody relayed what it would have outdated.
it('what it wrote down is left to the relay, and only what the one around it wrote down is settled', async () => {
  const { lost, outbox, transactions } = shop();
  await transactions.run((inside) => inside(() => lost().catch(() => undefined), 'outer'));

  expect(outbox.notes).toEqual(['recorded v3:row:a by inner', 'recorded v3:row:a by outer', 'settled record 2']);
});
