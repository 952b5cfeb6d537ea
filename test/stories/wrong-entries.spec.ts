import { describe, expect, it } from '@jest/globals';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const CARTS = { name: 'carts', consistency: 'eventual', ttl: '1h' } as const;

/** Gives back under each key what it holds under another, as a connection does that is one reply behind. */
function mixUp(store: BreakableStore): void {
  const [[first, one] = [], [second, other] = []] = [...store.kept];
  store.kept.set(String(first), other);
  store.kept.set(String(second), one);
}

it('an entry of another key is not served, and is a security event (H6)', async () => {
  const store = new BreakableStore();
  const engine = new EngineUnderTest({ entries: overStore(store) });
  const order = engine.cached(CARTS, async (id: number) => `order ${id}`);
  await order(1);
  await order(2);
  engine.story();

  mixUp(store);

  expect(await order(1)).toBe('order 1');
  expect(engine.story()).toEqual([
    'wrong-entry carts key',
    'entry-missed carts wrong-entry',
    'load-finished carts stored',
  ]);
  expect(engine.metrics.figuresOf('carts').wrongEntries).toBe(1);
});

it('an entry of another user is not served, and never answers for a failed origin either (H6)', async () => {
  const store = new BreakableStore();
  const engine = new EngineUnderTest({ entries: overStore(store) });
  let up = true;
  const cart = engine.cached({ ...CARTS, scope: 'user', tolerance: { onError: '1d' } }, async () => {
    if (!up) throw new Error('down');
    return `the cart of ${engine.callers.current()?.user ?? ''}`;
  });
  const as = (user: string): Promise<string> => engine.callers.runAs({ user }, () => cart());
  await as('ann');
  await as('bob');

  mixUp(store);
  up = false;

  await expect(as('ann')).rejects.toThrow('down');
});

it('an entry whose subject was changed under its key is not served (H6)', async () => {
  const store = new BreakableStore();
  const engine = new EngineUnderTest({ entries: overStore(store) });
  const cart = engine.cached({ ...CARTS, scope: 'user' }, async () => 'cart');
  const asAnn = (): Promise<string> => engine.callers.runAs({ user: 'ann' }, () => cart());
  await asAnn();
  engine.story();
  const [[key, kept] = []] = [...store.kept];
  const { id: ann } = engine.subjects.ofUser('ann');
  const { id: bob } = engine.subjects.ofUser('bob');
  store.kept.set(String(key), String(kept).replace(`\\"${ann}\\"`, `\\"${bob}\\"`));

  await asAnn();

  expect(engine.story()[0]).toBe('wrong-entry carts subject');
});

describe('what a store holds that is not an entry', () => {
  it.each([
    ['nothing in it', ''],
    ['half an entry', '{"value":"[\\"ncc1\\",0,'],
    ['a plain value', JSON.stringify({ value: 'cart' })],
    ['an entry of another format', JSON.stringify({ value: '["ncc0",0]' })],
  ])('is a miss: %s', async (_, text) => {
    const store = new BreakableStore();
    const engine = new EngineUnderTest({ entries: overStore(store) });
    let loads = 0;
    const cart = engine.cached(CARTS, async () => Promise.resolve((loads += 1)));
    await cart();
    for (const key of store.kept.keys()) store.kept.set(key, text);

    expect([await cart(), await cart()]).toEqual([2, 2]);
  });
});
