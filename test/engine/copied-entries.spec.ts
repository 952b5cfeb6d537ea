import { describe, expect, it } from '@jest/globals';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { NoInvalidationFeed } from '../../src/coordination/keyv/no-coordination.js';
import { copiesInMemory } from '../../src/storage/stores.js';
import { TieredEntryStore } from '../../src/storage/tiered-entry-store.js';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const STOCK = { name: 'stock', tags: { sku: (sku: string) => sku } } as const;

class Versions extends InProcessVersionStore {
  isDown = false;

  override isCurrent(...asked: Parameters<InProcessVersionStore['isCurrent']>): never {
    const isCurrent = this.isDown ? Promise.reject(new Error('down')) : Promise.resolve(super.isCurrent(...asked));

    // As from a store outside this process.
    return isCurrent as never;
  }
}

/** Two instances over one store that both reach, each with copies of its own. */
function twoInstances() {
  const shared = new BreakableStore();
  const versions = new Versions(100);
  const here = new EngineUnderTest({ versions, entries: tiered });
  const { clock } = here;
  const there = new EngineUnderTest({ clock, versions, entries: tiered });
  let source = 1;
  const load = (sku: string): Promise<string> => Promise.resolve(`${sku}: ${source}`);

  function tiered(time: Parameters<ReturnType<typeof overStore>>[0]): TieredEntryStore {
    return new TieredEntryStore(copiesInMemory(10), overStore(shared)(time), new NoInvalidationFeed(), time);
  }

  return {
    here,
    there,
    clock,
    shared,
    versions,
    cachedOn: (engine: EngineUnderTest, level: 'strong' | 'linearizable' = 'strong') =>
      engine.cached({ ...STOCK, consistency: level }, load),
    write: here.writing({ tags: STOCK.tags }, (sku: string) => {
      source += 1;
      return Promise.resolve(sku);
    }),
  };
}

describe('a copy of a strong entry in this process', () => {
  it.each(['strong', 'linearizable'] as const)('answers under %s without the value being fetched', async (level) => {
    const { here, shared, cachedOn } = twoInstances();
    const read = cachedOn(here, level);
    await read('a');
    shared.asked.length = 0;

    expect(await read('a')).toBe('a: 1');
    expect(shared.asked).toEqual([]);
    expect(here.metrics.figuresOf('stock')).toMatchObject({ hit: 1, loads: 1 });
  });

  it('does not answer once another instance has evicted it, and gives way to what that one has loaded', async () => {
    const { here, there, shared, cachedOn, write } = twoInstances();
    const readHere = cachedOn(here);
    const readThere = cachedOn(there);
    await readThere('a');
    expect(await readThere('a')).toBe('a: 1');

    await write('a');
    expect(await readHere('a')).toBe('a: 2');
    expect(await readThere('a')).toBe('a: 2');
    expect(there.metrics.figuresOf('stock')).toMatchObject({ hit: 2, miss: 1, loads: 1 });

    shared.asked.length = 0;
    expect(await readThere('a')).toBe('a: 2');
    expect(shared.asked).toEqual([]);
  });

  it('is evicted with nothing new in the store: it is loaded', async () => {
    const { here, cachedOn, write } = twoInstances();
    const read = cachedOn(here);
    await read('a');
    await write('a');

    expect(await read('a')).toBe('a: 2');
    expect(here.metrics.figuresOf('stock')).toMatchObject({ hit: 0, miss: 2, loads: 2 });
  });

  it('does not answer when nobody can say whether it is current', async () => {
    const { here, versions, cachedOn, write } = twoInstances();
    const read = cachedOn(here);
    await read('a');
    await write('a');
    versions.isDown = true;

    expect(await read('a')).toBe('a: 2');
    expect(here.story()).toContain('entry-missed stock store-unavailable');
  });

  it('does not answer past its ttl', async () => {
    const { here, clock, cachedOn } = twoInstances();
    const read = cachedOn(here);
    await read('a');
    clock.advance('1h');
    await read('a');

    expect(here.metrics.figuresOf('stock')).toMatchObject({ hit: 0, loads: 2 });
  });

  it('does not answer a caller who demands a younger value than it is', async () => {
    const { here, clock, cachedOn } = twoInstances();
    const read = cachedOn(here);
    await read('a');
    clock.advance('5s');

    await here.demanding(4_999, () => read('a'));
    expect(here.metrics.figuresOf('stock')).toMatchObject({ hit: 0, loads: 2 });
  });
});
