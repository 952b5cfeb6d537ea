import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../../src/context/caller.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const SCOPED = { name: 'carts', consistency: 'eventual', ttl: '1m' } as const;

/** Who shares an entry: each caller reads once, and is told whose load answered. */
async function sharedBy(scope: 'user' | 'tenant', callers: readonly Caller[]): Promise<readonly number[]> {
  const engine = new EngineUnderTest();
  let loads = 0;
  const read = engine.cached({ ...SCOPED, scope }, async () => Promise.resolve((loads += 1)));
  const answers: number[] = [];
  for (const caller of callers) answers.push(await engine.callers.runAs(caller, () => read()));

  return answers;
}

describe('an entry belongs', () => {
  it('to one user', async () => {
    expect(await sharedBy('user', [{ user: 'ann' }, { user: 'bob' }, { user: 'ann' }])).toEqual([1, 2, 1]);
  });

  it.each([1, '1'])('to a user who is forgotten in whichever spelling of the id: %p', async (forgotten) => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached({ ...SCOPED, scope: 'user' }, async () => Promise.resolve((loads += 1)));
    const forget = engine.writing({ user: () => forgotten }, async () => undefined);
    const both = async (): Promise<readonly number[]> => [
      await engine.callers.runAs({ user: 1 }, () => read()),
      await engine.callers.runAs({ user: '1' }, () => read()),
    ];
    const before = await both();
    expect(await both()).toEqual(before);

    await forget();

    expect(Math.min(...(await both()))).toBeGreaterThan(Math.max(...before));
  });

  it('to one user of one tenant', async () => {
    const ann = { user: 'ann' };
    const of = (tenant: string): Caller => ({ ...ann, tenant });

    expect(await sharedBy('user', [of('acme'), of('other'), ann, of('acme')])).toEqual([1, 2, 3, 1]);
  });

  it('to one tenant, whoever of it asks', async () => {
    const of = (user: string, tenant: string): Caller => ({ user, tenant });

    expect(await sharedBy('tenant', [of('ann', 'acme'), of('bob', 'acme'), of('ann', 'other')])).toEqual([1, 1, 2]);
  });

  it.each([{}, { user: '' }, { user: NaN }, { user: undefined }, { tenant: 'acme' }])(
    'to nobody when the caller is %p, and is not kept',
    async (caller) => {
      expect(await sharedBy('user', [caller, caller])).toEqual([1, 2]);
    },
  );

  it('to nobody when a declared key says nobody, whoever is calling', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached({ ...SCOPED, scope: 'user', userKey: () => undefined }, async () =>
      Promise.resolve((loads += 1)),
    );

    expect(await engine.callers.runAs({ user: 'ann' }, async () => [await read(), await read()])).toEqual([1, 2]);
    expect(engine.metrics.figuresOf('carts').refusals).toEqual({ 'caller-missing': 2 });
  });

  it('to whom the declared key names, when the caller agrees or is unknown (H3)', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached<[user: number], number>(
      { ...SCOPED, scope: 'user', userKey: (user) => user },
      async () => Promise.resolve((loads += 1)),
    );
    const as = (user: string, of: number): Promise<number> => engine.callers.runAs({ user }, () => read(of));

    expect([await read(1), await as('1', 1), await as('2', 1), await as('2', 1)]).toEqual([1, 1, 2, 3]);
    expect(engine.metrics.figuresOf('carts').refusals).toEqual({ 'caller-disagrees': 2 });
  });
});

describe('a key', () => {
  it('is what the key function says, under the arguments as they came (B1, B10)', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached<[order: { id: number; note?: string }], number>(
      { ...SCOPED, key: ({ id }) => id },
      async (order) => {
        order.id = 99;
        return Promise.resolve((loads += 1));
      },
    );

    expect([await read({ id: 1 }), await read({ id: 1, note: 'again' }), await read({ id: 2 })]).toEqual([1, 1, 2]);
  });

  it('that cannot be made leaves the call to the method itself (B11)', async () => {
    const engine = new EngineUnderTest();
    const read = engine.cached(SCOPED, async (request: Promise<number>) => request);

    expect(await read(Promise.resolve(1))).toBe(1);
    expect(engine.metrics.figuresOf('carts').refusals).toEqual({ 'argument-unkeyable': 1 });
  });
});
