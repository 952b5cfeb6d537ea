import { expect, it } from '@jest/globals';
import { ReadLog } from '../../src/context/read-log.js';
import { cacheHeadersOf } from '../../src/http/cache-headers.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const BOUNDED = { consistency: 'bounded', tolerance: { max: '1m' } } as const;

// It spoke of a joined load as of one that had just begun, though the load may have been made of older values.
it('a response that joined a load is as old as the oldest value in it', async () => {
  const engine = new EngineUnderTest();
  const slow = new Deferred();
  const price = engine.cached({ name: 'prices', ...BOUNDED }, async () => 1);
  const page = engine.cached({ name: 'pages', ...BOUNDED }, async () => {
    await price();
    await slow.promise;
  });
  await price();
  engine.clock.advance('50s');

  const log = new ReadLog();
  const running = page();
  const joined = engine.scopes.within({ reads: log }, () => page());
  slow.resolve();
  await Promise.all([running, joined]);

  expect(engine.story()).toContain('load-joined pages');
  expect(log.reads).toMatchObject([{ policy: 'pages', outcome: 'miss', ageMs: 50_000 }]);
  expect(cacheHeadersOf(log.reads).age).toBe('50');
});

// It kept one line for each read, and a stream of events is a response that may last for days.
it('a response that never ends remembers one read of each kind, the oldest', async () => {
  const engine = new EngineUnderTest();
  const price = engine.cached({ name: 'prices', ...BOUNDED }, async () => 1);
  const log = new ReadLog();
  await engine.scopes.within({ reads: log }, async () => {
    for (let reads = 0; reads < 1_000; reads += 1) {
      await price();
      engine.clock.advance('1ms');
    }
  });

  expect(log.reads).toMatchObject([
    { outcome: 'miss', ageMs: 0 },
    { outcome: 'hit', ageMs: 999 },
  ]);
});
