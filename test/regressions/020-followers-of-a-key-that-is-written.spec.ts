import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { InProcessLoadLeases } from '../../src/coordination/in-process/in-process-load-leases.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const TAGS = { sku: (sku: string) => sku };
const INSTANCES = 4;

let clock: ManualClock;
let engines: readonly EngineUnderTest[];
beforeEach(() => {
  clock = new ManualClock();
  const shared = {
    clock,
    versions: new InProcessVersionStore(100),
    intents: new InProcessWriteIntents(clock),
    leases: new InProcessLoadLeases(clock),
    entries: overStore(new BreakableStore()),
  };
  engines = Array.from({ length: INSTANCES }, () => new EngineUnderTest(shared));
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Longer than any pause between two looks for what another instance has stored. */
const aPauseLater = async (): Promise<void> => {
  await turn();
  clock.advance('50ms');
  await turn();
};

/** What it comes to, with as much time as five of those pauses. */
const inTime = async <T>(result: Promise<T>): Promise<T | 'still waiting'> => {
  for (let pause = 0; pause < 5; pause += 1) await aPauseLater();

  return Promise.race([result, Promise.resolve('still waiting' as const)]);
};

// Four instances miss one key, and it is evicted while the first one loads. What that one stored was no answer to the others,
// so the next one loaded and the rest waited for it, and so on: on a key that is written all the time the last one waited for
// every other, over a slow Redis for more than a second (redis-faults.spec.ts).
describe.each(['strong', 'linearizable'] as const)(
  'an entry under %s that was evicted while it was loaded',
  (consistency) => {
    const readOn = (engine: EngineUnderTest, load: (sku: string) => Promise<string>): Promise<string> =>
      engine.cached({ name: 'stock', consistency, tags: TAGS }, load)('a');

    it('answers those who came before the eviction, and nobody else', async () => {
      let loads = 0;
      const gate = new Deferred();
      const load = async (): Promise<string> => {
        loads += 1;
        const saw = `load ${loads}`;
        await gate.promise;
        return saw;
      };
      const [first] = engines;
      const early = engines.map((engine) => readOn(engine, load));
      await aPauseLater();
      expect(loads).toBe(1);

      await first?.evict('sku', 'a');
      gate.resolve();
      expect(await inTime(Promise.all(early))).toEqual(Array.from({ length: INSTANCES }, () => 'load 1'));
      expect(loads).toBe(1);

      expect(await inTime(Promise.all(engines.map((engine) => readOn(engine, load))))).toEqual(
        Array.from({ length: INSTANCES }, () => 'load 2'),
      );
    });
  },
);

it('an entry of which a part was evicted while it was loaded answers none of the others', async () => {
  let stock = 1;
  const gate = new Deferred();
  const [first, second] = engines;
  const pageOn = (engine: EngineUnderTest | undefined): Promise<string> | undefined => {
    const part = engine?.cached({ name: 'stock', consistency: 'strong', tags: TAGS }, () => Promise.resolve(stock));
    const page = engine?.cached(
      { name: 'page', consistency: 'strong', tags: { page: (sku: string) => sku } },
      async (sku) => {
        const read = await part?.(sku);
        await gate.promise;
        return `stock ${read}`;
      },
    );

    return page?.('a');
  };
  const led = pageOn(first);
  await aPauseLater();
  stock = 2;
  await first?.evict('sku', 'a');
  const followed = pageOn(second);
  await aPauseLater();
  gate.resolve();

  expect(await inTime(Promise.all([led, followed]))).toEqual(['stock 1', 'stock 2']);
});
