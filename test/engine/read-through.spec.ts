import { describe, expect, it } from '@jest/globals';
import { VersionStore } from '../../src/coordination/version-store.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const STRONG = { name: 'prices', consistency: 'strong', tags: { product: (sku: string) => sku } } as const;
const BOUNDED = { name: 'prices', consistency: 'bounded', tolerance: { max: '5s' } } as const;

/** An origin that counts its loads and answers with their number, when told. */
class CountedOrigin {
  loads = 0;
  private readonly gates: Deferred[] = [];

  readonly now = async (): Promise<number> => Promise.resolve((this.loads += 1));

  readonly later = async (): Promise<number> => {
    const load = (this.loads += 1);
    const gate = new Deferred();
    this.gates.push(gate);
    await gate.promise;
    return load;
  };

  answer(load: number): void {
    this.gates[load - 1]?.resolve();
  }
}

describe('a read', () => {
  it('loads once and then answers from the entry', async () => {
    const engine = new EngineUnderTest();
    const price = engine.cached(STRONG, new CountedOrigin().now);

    expect([await price('a'), await price('a'), await price('b')]).toEqual([1, 1, 2]);
  });

  it('gives everybody the same frozen value, and never the one that the origin keeps', async () => {
    const kept = { lines: [1] };
    const engine = new EngineUnderTest();
    const order = engine.cached({ name: 'orders', consistency: 'strong' }, async () => kept);

    const [first, second] = [await order(), await order()];

    expect(first).toEqual(kept);
    expect(first).not.toBe(kept);
    expect(second).toBe(first);
    expect(() => first.lines.push(2)).toThrow(TypeError);
  });

  it('joins a running load of the same arguments', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.later);

    const all = Promise.all(Array.from({ length: 10 }, () => price('a')));
    origin.answer(1);

    expect(await all).toEqual(Array(10).fill(1));
    expect(origin.loads).toBe(1);
  });

  it('does not join a load that began before a write was acknowledged', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.later);

    const before = price('a');
    await engine.evict('product', 'a');
    const after = price('a');
    origin.answer(1);
    origin.answer(2);

    expect([await before, await after]).toEqual([1, 2]);
    expect(await price('a')).toBe(2);
  });

  it('keeps the new value also when the old load ends last', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.later);

    const before = price('a');
    await engine.evict('product', 'a');
    const after = price('a');
    origin.answer(2);
    await after;
    origin.answer(1);
    await before;
    const last = price('a');
    origin.answer(3);

    expect(await last).not.toBe(1);
  });

  it('starts a load of its own when the running one is older than its bound', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(BOUNDED, origin.later);

    const first = price();
    engine.clock.advance('5s');
    const atTheBound = price();
    engine.clock.advance('1ms');
    const pastTheBound = price();
    origin.answer(1);
    origin.answer(2);

    expect([await first, await atTheBound, await pastTheBound]).toEqual([1, 1, 2]);
  });
});

describe('a caller that demands the origin', () => {
  it('joins no load that began before it came', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.later);

    const easy = price('a');
    const demanding = engine.demanding(0, () => price('a'));
    origin.answer(1);
    origin.answer(2);

    expect([await easy, await demanding]).toEqual([1, 2]);
  });

  it('is not served an entry of the same millisecond', async () => {
    const engine = new EngineUnderTest();
    const price = engine.cached(STRONG, new CountedOrigin().now);

    await price('a');

    expect(await engine.demanding(0, () => price('a'))).toBe(2);
  });

  it('reaches the origin of what the method reads, too (I3)', async () => {
    const engine = new EngineUnderTest();
    const inner = engine.cached({ name: 'inner', consistency: 'eventual', ttl: '1m' }, new CountedOrigin().now);
    const outer = engine.cached({ name: 'outer', consistency: 'eventual', ttl: '1m' }, async () => inner());

    await outer();

    expect(await engine.demanding(0, () => outer())).toBe(2);
  });

  it('does not ask more of a value that cannot change', async () => {
    const engine = new EngineUnderTest();
    const version = engine.cached({ name: 'versions', consistency: 'immutable' }, new CountedOrigin().now);

    await version();

    expect(await engine.demanding(0, () => version())).toBe(1);
  });

  it('leaves what it has loaded to others', async () => {
    const engine = new EngineUnderTest();
    const price = engine.cached(STRONG, new CountedOrigin().now);

    await engine.demanding(0, () => price('a'));

    expect(await price('a')).toBe(1);
  });
});

describe('a cached method that reads another', () => {
  it('is evicted with what it read (I1)', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.now);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => `price ${await price('a')}`);

    expect(await page()).toBe('price 1');
    await engine.evict('product', 'a');

    expect(await page()).toBe('price 2');
  });

  it('is evicted with what it read as a hit (I1)', async () => {
    const engine = new EngineUnderTest();
    const price = engine.cached(STRONG, new CountedOrigin().now);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => `price ${await price('a')}`);

    await price('a');
    await page();
    await engine.evict('product', 'a');

    expect(await page()).toBe('price 2');
  });

  it('is no younger than what it read (I2)', async () => {
    const engine = new EngineUnderTest();
    const price = engine.cached(BOUNDED, new CountedOrigin().now);
    const page = engine.cached({ name: 'pages', consistency: 'bounded', tolerance: { max: '60s' } }, async () =>
      price(),
    );

    await price();
    engine.clock.advance('4s');
    expect(await page()).toBe(1);
    engine.clock.advance('56s');
    expect(await page()).toBe(1);
    engine.clock.advance('1ms');

    expect(await page()).toBe(2);
  });

  it('is strong over a weaker one: it goes to the origin of what it reads (I3)', async () => {
    const engine = new EngineUnderTest();
    const price = engine.cached({ name: 'inner', consistency: 'eventual', ttl: '1h' }, new CountedOrigin().now);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => price());

    await price();

    expect(await page()).toBe(2);
  });

  it('is strong over a weaker one: it joins no load that may be older than a write', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached({ name: 'inner', consistency: 'eventual', ttl: '1h' }, origin.later);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => price());

    const weak = price();
    const strong = page();
    origin.answer(1);
    origin.answer(2);

    expect([await weak, await strong]).toEqual([1, 2]);
  });

  it('answers a caller that joined after the inner entry was evicted with a value loaded since', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const answered = [new Deferred(), new Deferred()];
    let pages = 0;
    const price = engine.cached(STRONG, origin.now);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => {
      const read = await price('a');
      await answered[pages++]?.promise;
      return read;
    });

    const leader = page();
    await engine.evict('product', 'a');
    const followers = [page(), page(), page()];
    answered[0]?.resolve();
    expect(await leader).toBe(1);
    answered[1]?.resolve();

    expect(await Promise.all(followers)).toEqual([2, 2, 2]);
    expect(pages).toBe(2);
  });

  it('lets callers that came before the eviction of its own tags share the load that they joined', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.later);

    const all = [price('a'), price('a'), price('a')];
    await engine.evict('product', 'a');
    origin.answer(1);

    expect(await Promise.all(all)).toEqual([1, 1, 1]);
    expect(origin.loads).toBe(1);
  });

  it('keeps the tags of a read that failed and that it went on without', async () => {
    const engine = new EngineUnderTest();
    let listed = false;
    const price = engine.cached(STRONG, async () => {
      if (!listed) throw new Error('not listed');
      return 'listed';
    });
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () =>
      price('a').catch(() => 'on request'),
    );

    expect(await page()).toBe('on request');
    listed = true;
    await engine.evict('product', 'a');

    expect(await page()).toBe('listed');
  });

  it('keeps the tags of a read that was not stored for its own reasons', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached({ ...STRONG, unless: () => true }, origin.now);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => price('a'));

    await page();
    await engine.evict('product', 'a');

    expect(await page()).toBe(2);
  });
});

describe('a joined load that is made of something older than itself', () => {
  it('does not answer a caller that demands better', async () => {
    const engine = new EngineUnderTest();
    const answered = new Deferred();
    const bounded = { consistency: 'bounded', tolerance: { max: '60s' } } as const;
    const price = engine.cached({ name: 'prices', ...bounded }, new CountedOrigin().now);
    const page = engine.cached({ name: 'pages', ...bounded }, async () => {
      const read = await price();
      await answered.promise;
      return read;
    });
    await price();
    engine.clock.advance('30s');

    const easy = page();
    const strict = engine.demanding(10_000, page);
    const lenient = engine.demanding(30_000, page);
    answered.resolve();

    expect([await easy, await strict, await lenient]).toEqual([1, 2, 1]);
  });
});

describe('loads that meet themselves', () => {
  it('run again when a load reads its own cache (I6, I7)', async () => {
    const engine = new EngineUnderTest();
    let depth = 0;
    const walk: (sku: string) => Promise<number> = engine.cached(STRONG, async (sku) =>
      ++depth < 3 ? walk(sku) : depth,
    );

    expect(await walk('a')).toBe(3);
  });

  it('do not wait for each other', async () => {
    const engine = new EngineUnderTest();
    const bothRun = [new Deferred(), new Deferred()] as const;
    const first = { left: true, right: true };
    const left: (sku: string) => Promise<string> = engine.cached({ ...STRONG, name: 'left' }, async (sku) => {
      if (!first.left) return 'left';
      first.left = false;
      await bothRun[0].promise;
      return `left of ${await right(sku)}`;
    });
    const right: (sku: string) => Promise<string> = engine.cached({ ...STRONG, name: 'right' }, async (sku) => {
      if (!first.right) return 'right';
      first.right = false;
      await bothRun[1].promise;
      return `right of ${await left(sku)}`;
    });

    const answers = Promise.all([left('a'), right('a')]);
    bothRun[0].resolve();
    bothRun[1].resolve();

    expect(await answers).toEqual(['left of right of left', 'right of left']);
  });

  it('join as usual from work that their load has left behind', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached(STRONG, origin.later);
    const behind = new Deferred<Promise<number>>();
    const wake = new Deferred();
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => {
      void wake.promise.then(() => {
        behind.resolve(price('a'));
      });
      return 'done';
    });

    await page();
    const running = price('a');
    wake.resolve();
    const late = behind.promise;
    origin.answer(1);

    expect([await running, await late]).toEqual([1, 1]);
    expect(origin.loads).toBe(1);
  });
});

describe('an error of the origin', () => {
  it('reaches every caller that joined, once made, and is not kept (E1, H13)', async () => {
    const engine = new EngineUnderTest();
    const broken = new Error('down');
    let loads = 0;
    const price = engine.cached(STRONG, async (): Promise<number> => {
      loads += 1;
      if (loads === 1) throw broken;
      return loads;
    });

    const settled = await Promise.allSettled([price('a'), price('a'), price('a')]);

    expect(settled).toEqual(Array(3).fill({ status: 'rejected', reason: broken }));
    expect(loads).toBe(1);
    expect(await price('a')).toBe(2);
  });

  it.each([undefined, null, 0, '', false])('stays an error when it is %p (E2)', async (falsy) => {
    const engine = new EngineUnderTest();
    const price = engine.cached(STRONG, async (): Promise<number> => {
      throw falsy as unknown as Error;
    });

    expect(await Promise.allSettled([price('a')])).toEqual([{ status: 'rejected', reason: falsy }]);
  });

  it('of an old state does not reach a caller that came after the write', async () => {
    const engine = new EngineUnderTest();
    let stock = 0;
    const answered = new Deferred();
    const count = engine.cached(STRONG, async () => stock);
    const offer = engine.cached({ name: 'offers', consistency: 'strong' }, async () => {
      const left = await count('a');
      await answered.promise;
      if (left === 0) throw new Error('sold out');
      return left;
    });

    const before = offer();
    stock = 5;
    await engine.evict('product', 'a');
    const after = offer();
    answered.resolve();

    await expect(before).rejects.toThrow('sold out');
    expect(await after).toBe(5);
  });

  it('that was made for one caller does not reach another', async () => {
    const engine = new EngineUnderTest();
    const answered = new Deferred();
    const report = engine.cached({ name: 'reports', consistency: 'eventual', ttl: '1m' }, async () => {
      await answered.promise;
      const user = engine.callers.current()?.user;
      if (user === 'ann') throw new Error('ann may not see this');
      return 'the report';
    });

    const ann = engine.callers.runAs({ user: 'ann' }, () => report());
    const bob = engine.callers.runAs({ user: 'bob' }, () => report());
    answered.resolve();

    await expect(ann).rejects.toThrow('ann may not see this');
    expect(await bob).toBe('the report');
  });

  it('that was made for one caller is not kept for others by a load that goes on without', async () => {
    const engine = new EngineUnderTest();
    const secret = engine.cached({ name: 'secrets', consistency: 'eventual', ttl: '1m' }, async () => {
      if (engine.callers.current()?.user === 'ann') throw new Error('denied');
      return 'secret';
    });
    const page = engine.cached({ name: 'pages', consistency: 'eventual', ttl: '1m' }, async () =>
      secret().catch(() => 'denied'),
    );

    expect(await engine.callers.runAs({ user: 'ann' }, () => page())).toBe('denied');
    expect(await engine.callers.runAs({ user: 'bob' }, () => page())).toBe('secret');
  });
});

describe('a value that may answer when the origin fails', () => {
  const RATES = { name: 'rates', consistency: 'eventual', ttl: '1m', tolerance: { onError: '10m' } } as const;

  /** A cache whose origin fails from its second load on. */
  function flaky(): { engine: EngineUnderTest; rate: () => Promise<number>; fail: (error: unknown) => void } {
    const engine = new EngineUnderTest();
    let failure: { readonly error: unknown } | undefined;
    const rate = engine.cached({ ...RATES, tags: { carrier: () => 'dhl' } }, async () => {
      if (failure !== undefined) throw failure.error;
      return 1;
    });

    return { engine, rate, fail: (error) => (failure = { error }) };
  }

  it('does so up to its bound and not past it (G6)', async () => {
    const { engine, rate, fail } = flaky();
    await rate();
    fail(new Error('down'));

    engine.clock.advance('10m');
    expect(await rate()).toBe(1);
    engine.clock.advance('1ms');

    await expect(rate()).rejects.toThrow('down');
  });

  it('never does so when it was evicted', async () => {
    const { engine, rate, fail } = flaky();
    await rate();
    fail(new Error('down'));
    await engine.evict('carrier', 'dhl');

    await expect(rate()).rejects.toThrow('down');
  });

  it('never does so when it is evicted while the origin is asked', async () => {
    const engine = new EngineUnderTest();
    const asked = new Deferred<number>();
    let loads = 0;
    const rate = engine.cached({ ...RATES, tags: { carrier: () => 'dhl' } }, async () =>
      (loads += 1) === 1 ? 1 : asked.promise,
    );
    await rate();
    engine.clock.advance('1m');

    const read = rate();
    await engine.evict('carrier', 'dhl');
    asked.reject(new Error('down'));

    await expect(read).rejects.toThrow('down');
  });

  it('never does so for an error that blames the caller', async () => {
    const { engine, rate, fail } = flaky();
    await rate();
    fail(Object.assign(new Error('forbidden'), { status: 403 }));
    engine.clock.advance('1m');

    await expect(rate()).rejects.toThrow('forbidden');
  });

  it('never does so past what the caller demands', async () => {
    const { engine, rate, fail } = flaky();
    await rate();
    fail(new Error('down'));
    engine.clock.advance('2m');

    expect(await engine.demanding(120_000, rate)).toBe(1);
    await expect(engine.demanding(119_999, rate)).rejects.toThrow('down');
    await expect(engine.demanding(0, rate)).rejects.toThrow('down');
  });
});

describe('functions of a policy that throw', () => {
  const own = new Error('of the application');
  const throwing = (): never => {
    throw own;
  };

  it.each([
    ['key', { key: throwing }],
    ['tags', { tags: { product: throwing } }],
    ['condition', { condition: throwing }],
    ['unless', { unless: throwing }],
    ['userKey', { scope: 'user', userKey: throwing }],
  ] as const)('%s: every caller gets the error, and the next call starts anew', async (_, option) => {
    const engine = new EngineUnderTest();
    const price = engine.cached({ name: 'prices', consistency: 'eventual', ttl: '1m', ...option }, async () => 1);

    const rejected = { status: 'rejected', reason: own };
    expect(await Promise.allSettled([price(), price()])).toEqual([rejected, rejected]);
    expect(await Promise.allSettled([price()])).toEqual([rejected]);
  });

  it('unless: what it throws is no failure of the origin, so nothing stale hides it', async () => {
    const engine = new EngineUnderTest();
    let strict = false;
    const rate = engine.cached(
      {
        name: 'rates',
        consistency: 'eventual',
        ttl: '1m',
        tolerance: { onError: '1h' },
        unless: () => (strict ? throwing() : false),
      },
      async () => 1,
    );
    await rate();
    strict = true;
    engine.clock.advance('1m');

    await expect(rate()).rejects.toBe(own);
    expect(engine.metrics.figuresOf('rates')).toMatchObject({ loads: 2, loadErrors: 1, stale: 0 });
  });

  it('a tag that nothing could evict: the call is answered, and nothing is kept', async () => {
    const engine = new EngineUnderTest();
    const origin = new CountedOrigin();
    const price = engine.cached({ ...STRONG, tags: { product: () => NaN } }, origin.now);

    expect([await price(), await price()]).toEqual([1, 2]);
    expect(engine.metrics.figuresOf('prices').refusals).toEqual({ 'tag-invalid': 2 });
  });
});

describe('while the versions cannot be read', () => {
  class FailingVersionStore extends VersionStore {
    override readonly epoch = 'e';

    override isCurrent(): Promise<boolean> {
      return Promise.reject(new Error('versions are down'));
    }

    override readOrMint(): Promise<never> {
      return Promise.reject(new Error('versions are down'));
    }

    override bump(): Promise<void> {
      return Promise.reject(new Error('versions are down'));
    }
  }

  it('every read goes to its origin, nothing is kept, and it is counted', async () => {
    const engine = new EngineUnderTest({ versions: new FailingVersionStore() });
    const price = engine.cached(STRONG, new CountedOrigin().now);

    expect([await price('a'), await price('a')]).toEqual([1, 2]);
    expect(engine.metrics.figuresOf('prices')).toMatchObject({ loads: 2, hit: 0, storeErrors: 2 });
  });

  it('nothing is built on what carries no versions', async () => {
    const engine = new EngineUnderTest({ versions: new FailingVersionStore() });
    const price = engine.cached(STRONG, new CountedOrigin().now);
    const page = engine.cached({ name: 'pages', consistency: 'strong' }, async () => price('a'));

    expect([await page(), await page()]).toEqual([1, 2]);
  });
});
