import { describe, expect, it } from '@jest/globals';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { EntryStore } from '../../src/storage/entry-store.js';
import type { Lookup } from '../../src/storage/entry-store.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const EVENTUAL = { consistency: 'eventual', ttl: '1m' } as const;
const STRONG = { consistency: 'strong' } as const;

describe('the result of a load', () => {
  it.each([
    ['null', null],
    ['undefined', undefined],
    ['0', 0],
    ['an empty text', ''],
    ['false', false],
    ['NaN', NaN],
  ])('is kept when it is %s', async (_, value) => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached({ name: 'values', ...STRONG }, async () => {
      loads += 1;
      return value;
    });

    expect([await read(), await read()]).toEqual([value, value]);
    expect(loads).toBe(1);
  });

  it('counts as old as the start of its load (G2)', async () => {
    const engine = new EngineUnderTest();
    const slow = new Deferred();
    let loads = 0;
    const read = engine.cached({ name: 'values', consistency: 'bounded', tolerance: { max: '5s' } }, async () => {
      loads += 1;
      await slow.promise;
      return loads;
    });

    const first = read();
    engine.clock.advance('3s');
    slow.resolve();
    await first;
    engine.clock.advance('2s');
    expect(await read()).toBe(1);
    engine.clock.advance('1ms');

    expect(await read()).toBe(2);
  });

  it('goes to its own callers alone when the load took longer than its bound (F6)', async () => {
    const engine = new EngineUnderTest();
    const slow = new Deferred();
    const read = engine.cached({ name: 'values', ...EVENTUAL }, async () => {
      await slow.promise;
      return 1;
    });

    const first = read();
    engine.clock.advance('1m');
    slow.resolve();

    expect(await first).toBe(1);
    expect(engine.story()).toEqual(['entry-missed values absent', 'load-finished values outlived-its-bound']);
  });

  it('is superseded at once when the load itself evicts what it loads (F1)', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached({ name: 'values', ...STRONG, tags: { row: () => 1 } }, async () => {
      loads += 1;
      if (loads === 1) await engine.evict('row', 1);
      return loads;
    });

    expect([await read(), await read(), await read()]).toEqual([1, 2, 2]);
  });

  it('is answered and not kept when it cannot be stored, and not shared either', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached({ name: 'values', ...STRONG }, async () => ({ load: (loads += 1), run: () => 1 }));

    const both = await Promise.all([read(), read()]);

    expect(both.map(({ load }) => load)).toEqual([1, 2]);
    expect(both[0].run()).toBe(1);
    expect(engine.metrics.figuresOf('values').refusals).toEqual({ 'value-unstorable': 2 });
  });

  it('is answered also when its codec cannot encode it', async () => {
    class Money {
      constructor(readonly cents: number) {}
    }
    const engine = new EngineUnderTest();
    const codec = {
      type: Money,
      encode: (): never => {
        throw new Error('no');
      },
      decode: () => new Money(0),
    };
    const read = engine.cached({ name: 'values', ...STRONG, codecs: [codec] }, async () => new Money(5));

    expect(await read()).toEqual(new Money(5));
    expect(engine.story()).toEqual([
      'entry-missed values absent',
      'read-refused values value-unstorable',
      'load-finished values value-unstorable',
    ]);
  });

  it('is answered and shared also when the store cannot keep it (K2)', async () => {
    class UnwritableStore extends EntryStore {
      override find(): Lookup {
        return { state: 'absent' };
      }

      override put(): Promise<void> {
        return Promise.reject(new Error('read-only'));
      }
    }
    const engine = new EngineUnderTest({ entries: () => new UnwritableStore() });
    let loads = 0;
    const read = engine.cached({ name: 'values', ...STRONG }, async () => Promise.resolve((loads += 1)));

    expect(await Promise.all([read(), read()])).toEqual([1, 1]);
    expect(engine.story()).toEqual([
      'entry-missed values absent',
      'entry-missed values absent',
      'load-joined values',
      'store-failed values put',
      'load-finished values store-failed',
    ]);
  });

  it('is kept under versions that were read before the load, though a store forgets some meanwhile', async () => {
    const engine = new EngineUnderTest({ versions: new InProcessVersionStore(2) });
    let loads = 0;
    const read = engine.cached({ name: 'values', ...STRONG, tags: { row: () => [1, 2, 3, 4] } }, async () =>
      Promise.resolve((loads += 1)),
    );

    expect([await read(), await read()]).toEqual([1, 2]);
  });
});

describe('a load that reads who is calling', () => {
  it('is not kept for anybody, nor shared with whom joined it (H5)', async () => {
    const engine = new EngineUnderTest();
    const page = engine.cached(
      { name: 'pages', ...EVENTUAL },
      async () => `for ${engine.callers.current()?.user ?? ''}`,
    );
    const as = (user: string): Promise<string> => engine.callers.runAs({ user }, () => page());

    expect(await Promise.all([as('ann'), as('bob')])).toEqual(['for ann', 'for bob']);
    expect(await as('cleo')).toBe('for cleo');
  });

  it("is kept where the entry is that caller's own", async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const page = engine.cached({ name: 'pages', ...EVENTUAL, scope: 'user' }, async () => {
      loads += 1;
      return engine.callers.current()?.user;
    });
    const as = (user: string): Promise<unknown> => engine.callers.runAs({ user }, () => page());

    expect([await as('ann'), await as('bob'), await as('ann')]).toEqual(['ann', 'bob', 'ann']);
    expect(loads).toBe(2);
  });

  it('taints the shared load around it (I4)', async () => {
    const engine = new EngineUnderTest();
    const cart = engine.cached(
      { name: 'carts', ...EVENTUAL, scope: 'user' },
      async () => engine.callers.current()?.user,
    );
    const page = engine.cached({ name: 'pages', ...EVENTUAL }, async () => cart());
    const as = (user: string): Promise<unknown> => engine.callers.runAs({ user }, () => page());

    expect([await as('ann'), await as('bob')]).toEqual(['ann', 'bob']);
  });

  it('taints the shared load around it also when the inner one is a hit (I4)', async () => {
    const engine = new EngineUnderTest();
    const cart = engine.cached(
      { name: 'carts', ...EVENTUAL, scope: 'user' },
      async () => engine.callers.current()?.user,
    );
    const page = engine.cached({ name: 'pages', ...EVENTUAL }, async () => cart());
    const as = <T>(user: string, read: () => Promise<T>): Promise<T> => engine.callers.runAs({ user }, read);

    await as('ann', cart);
    await as('ann', page);

    expect(await as('bob', page)).toBe('bob');
  });

  it('leaves its tags to the load of that very user around it, which is kept', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const prices = engine.cached({ name: 'prices', ...STRONG, tags: { product: () => 'a' } }, async () => {
      loads += 1;
      return `${engine.callers.current()?.user ?? ''} ${loads}`;
    });
    const page = engine.cached({ name: 'pages', ...STRONG, scope: 'user' }, async () => prices());
    const asAnn = (): Promise<string> => engine.callers.runAs({ user: 'ann' }, () => page());

    expect([await asAnn(), await asAnn()]).toEqual(['ann 1', 'ann 1']);
    await engine.evict('product', 'a');

    expect(await asAnn()).toBe('ann 2');
  });
});

describe('a load that calls what may not be stored', () => {
  it('is not kept when the inner call was refused, since nothing could evict it', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const inner = engine.cached({ name: 'inner', ...EVENTUAL }, async (by: () => string) => `${(loads += 1)} ${by()}`);
    const outer = engine.cached({ name: 'outer', ...EVENTUAL }, async () => inner(() => 'load'));

    expect([await outer(), await outer()]).toEqual(['1 load', '2 load']);
    expect(engine.metrics.figuresOf('outer').refusals).toEqual({ 'untracked-read': 2 });
  });

  it('is not kept when its condition left the inner cache out', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const inner = engine.cached({ name: 'inner', ...EVENTUAL, condition: () => false }, async () =>
      Promise.resolve((loads += 1)),
    );
    const outer = engine.cached({ name: 'outer', ...EVENTUAL }, async () => inner());

    expect([await outer(), await outer()]).toEqual([1, 2]);
  });

  it('is not kept, nor shared, when it called a @NoCache method (I5)', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const outer = engine.cached({ name: 'outer', ...EVENTUAL }, async () => {
      engine.scopes.current().trace?.mark('no-cache-read');
      return Promise.resolve((loads += 1));
    });

    expect(await Promise.all([outer(), outer()])).toEqual([1, 2]);
    expect(await outer()).toBe(3);
  });

  it('is not kept when two of its reads saw one tag before and after a write', async () => {
    const engine = new EngineUnderTest();
    const slow = new Deferred();
    const row = { tags: { row: () => 1 }, ...STRONG };
    const left = engine.cached({ name: 'left', ...row }, async () => slow.promise.then(() => 'left'));
    const right = engine.cached({ name: 'right', ...row }, async () => 'right');
    const both = engine.cached({ name: 'both', ...STRONG }, async () => {
      const first = left();
      await engine.evict('row', 1);
      const second = await right();
      slow.resolve();
      return [await first, second];
    });

    await both();

    expect(engine.story().filter((line) => line.endsWith('versions-changed'))).toEqual([
      'load-finished both versions-changed',
    ]);
  });
});
