import { expect, it } from '@jest/globals';
import { valueTag } from '../../src/entry/tag.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// While a write is announced, callers who find a load running share the next one. Its error was handed to all of them, even when
// the caller for whom it ran had meanwhile made its argument say something else.

it('the error of a load whose argument had changed is for its own caller alone, also while a write is announced', async () => {
  const engine = new EngineUnderTest();
  const slow = new Deferred();
  let loads = 0;
  const order = engine.cached(
    { name: 'orders', consistency: 'linearizable', key: ({ id }: { id: number }) => id, tags: { order: () => 1 } },
    async ({ id }: { id: number }) => {
      loads += 1;
      if (loads === 1) await slow.promise;
      if (id !== 1) throw new Error(`there is no order ${id}`);
      return `order ${id}`;
    },
  );
  const announcement = await engine.intents.announce([valueTag('order', 1)]);
  const reused = { id: 1 };

  const first = order({ id: 1 });
  const second = order(reused);
  const third = order({ id: 1 });
  reused.id = 2;
  slow.resolve();

  await expect(second).rejects.toThrow('there is no order 2');
  expect([await first, await third]).toEqual(['order 1', 'order 1']);
  await announcement.withdraw();
});
