import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { InProcessLoadLeases } from '../../src/coordination/in-process/in-process-load-leases.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { CallerSession } from '../../src/context/caller-session.js';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// A refresh is nobody's, and so it had no session, for which every entry was refused and no load shared: each instance made
// its own.
it('three instances refresh an entry under session once', async () => {
  const clock = new ManualClock();
  const shared = {
    clock,
    versions: new InProcessVersionStore(100),
    leases: new InProcessLoadLeases(clock),
    entries: overStore(new BreakableStore()),
  };
  let loads = 0;
  const reads = [1, 2, 3].map(() => {
    const engine = new EngineUnderTest(shared);
    const read = engine.cached(
      {
        name: 'carts',
        consistency: 'session',
        ttl: '2s',
        tolerance: { max: '1m' },
        refresh: { whileStale: true },
        tags: { cart: () => 'a' },
      },
      async () => {
        loads += 1;
        await turn();
        return loads;
      },
    );
    const session = new CallerSession(
      {
        secret: 'a secret of the tests',
        epoch: () => engine.versions.epoch,
        clock,
        report: () => undefined,
      },
      () => undefined,
    );

    return () => engine.scopes.within({ session }, read);
  });
  for (const read of reads) {
    await read();
    clock.advance('1ms');
  }
  const before = loads;
  clock.advance('2s');
  for (const read of reads) await read();
  for (let pause = 0; pause < 5; pause += 1) {
    await turn();
    clock.advance('50ms');
  }
  await turn();

  expect(loads - before).toBe(1);
});
