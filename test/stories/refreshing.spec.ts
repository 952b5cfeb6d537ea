import { describe, expect, it } from '@jest/globals';
import { LoadContext } from '../../src/context/load-context.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';
import type { Declared } from '../support/engine-under-test.js';

const PRICES = {
  name: 'prices',
  consistency: 'bounded',
  tags: { product: (sku: string) => sku },
  tolerance: { max: '5s' },
} as const;

/** A source that counts, and answers when it is let; by default at once. */
class Source {
  loads = 0;
  gate: Deferred | undefined;
  failing = false;

  load = async (): Promise<number> => {
    this.loads += 1;
    const answer = this.loads;
    await this.gate?.promise;
    if (this.failing) throw new Error('the source is down');

    return answer;
  };
}

function caching(declared: Partial<Declared<[sku: string], number>>, random?: () => number) {
  const engine = new EngineUnderTest(random ? { random } : {});
  const source = new Source();
  const read = engine.cached({ ...PRICES, ...declared }, source.load);

  return { engine, source, read: () => read('sku-1') };
}

/** Lets what runs in the background come to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an entry past its ttl, while stale values may answer', () => {
  const WHILE_STALE = { ttl: '2s', refresh: { whileStale: true } } as const;

  it('answers, and is loaded anew in the background', async () => {
    const { engine, source, read } = caching(WHILE_STALE);
    await read();
    engine.clock.advance('2s');
    engine.story();

    expect(await read()).toBe(1);
    await settled();
    expect(source.loads).toBe(2);
    expect(engine.story()).toEqual([
      'refresh-begun prices stale-within-bound',
      'entry-served prices stale',
      'load-finished prices stored',
    ]);
    expect(await read()).toBe(2);
  });

  it('answers at its bound, and not one millisecond later', async () => {
    const { engine, source, read } = caching(WHILE_STALE);
    await read();
    source.failing = true;
    engine.clock.advance('5s');
    expect(await read()).toBe(1);
    await settled();
    engine.clock.advance('1ms');

    await expect(read()).rejects.toThrow('the source is down');
  });

  it('is loaded once however many it answers', async () => {
    const { engine, source, read } = caching(WHILE_STALE);
    await read();
    engine.clock.advance('2s');
    source.gate = new Deferred();
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    expect(source.loads).toBe(2);

    source.gate.resolve();
    await settled();
    expect(await read()).toBe(2);
  });

  it('goes on answering when that fails, and nobody has to handle the error', async () => {
    const { engine, source, read } = caching(WHILE_STALE);
    await read();
    engine.clock.advance('2s');
    source.failing = true;
    expect(await read()).toBe(1);
    await settled();

    expect(engine.story()).toContain('refresh-failed prices');
    expect(await read()).toBe(1);
  });

  it('does not answer once it was evicted', async () => {
    const { engine, read } = caching(WHILE_STALE);
    await read();
    engine.clock.advance('2s');
    await engine.evict('product', 'sku-1');

    expect(await read()).toBe(2);
  });

  it('does not bring back what was evicted while it was loaded anew', async () => {
    const { engine, source, read } = caching(WHILE_STALE);
    await read();
    engine.clock.advance('2s');
    source.gate = new Deferred();
    await read();
    await engine.evict('product', 'sku-1');
    source.gate.resolve();
    await settled();

    expect(await read()).toBe(3);
  });

  it('does not answer a caller that asks for less staleness', async () => {
    const { engine, read } = caching(WHILE_STALE);
    await read();
    engine.clock.advance('2s');

    expect(await engine.demanding(1_000, read)).toBe(2);
  });
});

describe('an entry that comes near the end of its ttl', () => {
  /** Loads take 100 ms, so with β = 1 and 0.5 drawn, the last 69 ms are early enough. */
  async function loadedIn100Ms(random: () => number) {
    const cached = caching({ refresh: { early: true } }, random);
    cached.source.gate = new Deferred();
    const first = cached.read();
    await settled();
    cached.engine.clock.advance('100ms');
    cached.source.gate.resolve();
    await first;
    cached.source.gate = undefined;

    return cached;
  }

  it('is loaded anew by the read that draws it, which is still answered from it', async () => {
    const { engine, source, read } = await loadedIn100Ms(() => 0.5);
    engine.clock.advance(4_900 - 70);
    await read();
    await settled();
    expect(source.loads).toBe(1);
    engine.clock.advance('1ms');
    engine.story();

    expect(await read()).toBe(1);
    await settled();
    expect(source.loads).toBe(2);
    expect(engine.story()[0]).toBe('refresh-begun prices expires-early');
    expect(await read()).toBe(2);
  });

  it('is never served past its bound for that', async () => {
    const { engine, source, read } = await loadedIn100Ms(() => 0.999_999);
    source.failing = true;
    engine.clock.advance('4900ms');
    expect(await read()).toBe(1);
    engine.clock.advance('1ms');

    await expect(read()).rejects.toThrow('the source is down');
  });
});

describe('an entry whose ttl is shortened at random', () => {
  const JITTERED = { refresh: { jitter: 0.2 } } as const;

  it('lives no longer than its ttl', async () => {
    const { engine, read } = caching(JITTERED, () => 0);
    await read();
    engine.clock.advance('5s');
    expect(await read()).toBe(1);
    engine.clock.advance('1ms');

    expect(await read()).toBe(2);
  });

  it('lives shorter by what it drew', async () => {
    const { engine, read } = caching(JITTERED, () => 0.5);
    await read();
    engine.clock.advance(4_499);
    expect(await read()).toBe(1);
    engine.clock.advance('1ms');

    expect(await read()).toBe(2);
  });
});

describe('a load that takes longer than its soft limit', () => {
  const SOFT = { ttl: '2s', load: { softLimit: '200ms' } } as const;

  it('goes on in the background, and the entry at hand answers', async () => {
    const { engine, source, read } = caching(SOFT);
    await read();
    engine.clock.advance('2s');
    source.gate = new Deferred();
    const answer = read();
    await settled();
    engine.clock.advance('199ms');
    await settled();
    engine.story();
    engine.clock.advance('1ms');

    expect(await answer).toBe(1);
    expect(engine.story()).toEqual(['entry-served prices stale']);
    source.gate.resolve();
    await settled();
    expect(await read()).toBe(2);
  });

  it('is waited for once the entry is past its bound', async () => {
    const { engine, source, read } = caching(SOFT);
    await read();
    engine.clock.advance('4900ms');
    source.gate = new Deferred();
    const answer = read();
    await settled();
    engine.clock.advance('200ms');
    await settled();
    source.gate.resolve();

    expect(await answer).toBe(2);
  });

  it('is waited for when the entry was evicted', async () => {
    const { engine, source, read } = caching(SOFT);
    await read();
    engine.clock.advance('2s');
    source.gate = new Deferred();
    const answer = read();
    await settled();
    await engine.evict('product', 'sku-1');
    engine.clock.advance('200ms');
    await settled();
    source.gate.resolve();

    expect(await answer).toBe(2);
  });

  it('is not ended when the caller leaves that did not wait for it', async () => {
    const engine = new EngineUnderTest();
    const loads = new LoadContext(engine.scopes);
    let gate: Deferred<number> | undefined = undefined;
    let signal: AbortSignal | undefined;
    const read = engine.cached(
      { name: 'p', consistency: 'bounded', ttl: '2s', tolerance: { max: '10s' }, load: { softLimit: '200ms' } },
      async () => {
        signal = loads.signal();
        return gate === undefined ? 1 : gate.promise;
      },
    );
    await read();
    engine.clock.advance('2s');
    gate = new Deferred<number>();
    const caller = new AbortController();
    const answer = loads.withSignal(caller.signal, () => read());
    await settled();
    engine.clock.advance('200ms');
    expect(await answer).toBe(1);
    caller.abort(new Error('the response was sent'));
    await settled();
    const aborted = signal?.aborted;
    gate.resolve(2);
    await settled();
    expect(aborted).toBe(false);
  });
});
