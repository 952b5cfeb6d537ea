import { expect, it } from '@jest/globals';
import { ReadLog } from '../../src/context/read-log.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const BOUNDED = { consistency: 'bounded', tolerance: { max: '1m' } } as const;

// What is made of an older value is fresh for what that has left; a miss was entered as if it had all of its time before it.
it('a miss that is made of an older value is fresh for no longer than the value', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached({ name: 'prices', ...BOUNDED }, async () => 1);
  const page = engine.cached({ name: 'pages', ...BOUNDED }, () => price());
  await price();
  engine.clock.advance('50s');

  const log = new ReadLog();
  await engine.scopes.within({ reads: log }, () => page());

  expect(log.reads.find(({ policy }) => policy === 'pages')).toMatchObject({ outcome: 'miss', freshForMs: 10_000 });
});
