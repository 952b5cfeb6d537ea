import { describe, expect, it } from '@jest/globals';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const RATES = { name: 'rates', consistency: 'eventual', ttl: '1m', tolerance: { onError: '10m' } } as const;

describe('while the origin fails', () => {
  it('a declared value answers as stale, and past its bound the error does', async () => {
    const engine = new EngineUnderTest();
    let up = true;
    const rate = engine.cached(RATES, async () => {
      if (!up) throw new Error('down');
      return 1;
    });
    await rate();
    up = false;
    engine.story();

    engine.clock.advance('10m');
    await rate();
    expect(engine.story()).toEqual(['entry-missed rates ttl-passed', 'load-failed rates', 'entry-served rates stale']);

    engine.clock.advance('1ms');
    await expect(rate()).rejects.toThrow('down');
    expect(engine.story()).toEqual(['entry-missed rates ttl-passed', 'load-failed rates']);

    up = true;
    await rate();
    expect(engine.story()).toEqual(['entry-missed rates ttl-passed', 'load-finished rates stored']);
  });
});

describe('while the store fails', () => {
  it('reads go to the origin, and recovery needs no restart (K1, K2, K6)', async () => {
    const store = new BreakableStore();
    const engine = new EngineUnderTest({ entries: overStore(store) });
    let loads = 0;
    const rate = engine.cached(RATES, async () => Promise.resolve((loads += 1)));

    store.breaks();
    expect(await rate()).toBe(1);
    expect(engine.story()).toEqual([
      'store-failed rates find',
      'entry-missed rates store-unavailable',
      'load-finished rates store-failed',
    ]);

    store.recovers();
    expect([await rate(), await rate()]).toEqual([2, 2]);
    expect(engine.story()).toEqual([
      'entry-missed rates absent',
      'load-finished rates stored',
      'entry-served rates hit',
    ]);
  });

  it('a store that breaks between look-up and write costs nobody the answer', async () => {
    const store = new BreakableStore();
    const engine = new EngineUnderTest({ entries: overStore(store) });
    const rate = engine.cached(RATES, async () => {
      store.breaks();
      return 1;
    });

    expect(await rate()).toBe(1);
    expect(engine.story()).toEqual([
      'entry-missed rates absent',
      'store-failed rates put',
      'load-finished rates store-failed',
    ]);
  });
});

describe('while the store hangs', () => {
  it('a read waits for one deadline, and a late answer harms nobody (K1)', async () => {
    const store = new BreakableStore();
    const engine = new EngineUnderTest({ entries: overStore(store, 5) });
    const rate = engine.cached(RATES, async () => 1);
    store.hangs();

    expect(await rate()).toBe(1);

    expect(store.asked).toEqual(['get']);
    expect(engine.story()).toEqual([
      'store-failed rates find',
      'entry-missed rates store-unavailable',
      'load-finished rates store-failed',
    ]);
  });

  it('a write that hangs is given up, and its callers are answered (K2)', async () => {
    const store = new BreakableStore();
    const engine = new EngineUnderTest({ entries: overStore(store, 5) });
    const rate = engine.cached(RATES, async () => {
      store.hangs();
      return 1;
    });

    expect(await Promise.all([rate(), rate()])).toEqual([1, 1]);
    expect(engine.story()).toContain('store-failed rates put');
  });

  it('an eviction does not wait for it (K3)', async () => {
    const store = new BreakableStore();
    const engine = new EngineUnderTest({ entries: overStore(store, 5) });
    let value = 1;
    const rate = engine.cached({ ...RATES, tags: { carrier: () => 'dhl' } }, async () => value);
    await rate();
    engine.story();

    store.hangs();
    value = 2;
    await engine.evict('carrier', 'dhl');
    store.recovers();

    expect(await rate()).toBe(2);
    expect(engine.story()[0]).toBe('tags-evicted test');
  });
});
