import { describe, expect, it } from '@jest/globals';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

interface Filter {
  page: number;
}

/** A store that answers later, so that its caller has time to change what it passed. */
function pages(): { engine: EngineUnderTest; list: (filter: Filter) => Promise<string> } {
  const engine = new EngineUnderTest({ entries: overStore(new BreakableStore()) });
  const list = engine.cached({ name: 'pages', consistency: 'eventual', ttl: '1h' }, async ({ page }: Filter) => {
    return `page ${page}`;
  });

  return { engine, list };
}

describe('an argument that its caller changes while the store is being asked', () => {
  it('never stores one result under the key of another', async () => {
    const { list } = pages();
    const filter = { page: 1 };
    const first = list(filter);
    filter.page = 2;
    await first;

    expect(await list({ page: 1 })).toBe('page 1');
    expect(await list({ page: 2 })).toBe('page 2');
  });

  it('is refused visibly, and the caller gets what its method answers', async () => {
    const { engine, list } = pages();
    const filter = { page: 1 };
    const first = list(filter);
    filter.page = 2;

    expect(await first).toBe('page 2');
    expect(engine.story()).toContain('read-refused pages arguments-changed');
  });

  it('does not reach a caller that joined the load', async () => {
    const { list } = pages();
    const filter = { page: 1 };
    const both = Promise.all([list(filter), list({ page: 1 })]);
    filter.page = 2;

    expect((await both)[1]).toBe('page 1');
  });
});

describe('a codec that could revive a value when it was stored, and cannot later', () => {
  class Money {
    constructor(readonly cents: number) {}
  }

  it('costs a visit to the origin, not an error', async () => {
    let broken = false;
    const engine = new EngineUnderTest();
    const price = engine.cached(
      {
        name: 'prices',
        consistency: 'eventual',
        ttl: '1h',
        codecs: [
          {
            type: Money,
            encode: ({ cents }: Money) => cents,
            decode: (cents: unknown) => {
              if (broken) throw new Error('the exchange rate is gone');
              return new Money(cents as number);
            },
          },
        ],
      },
      async () => new Money(100),
    );
    await price();
    broken = true;

    expect(await price()).toEqual(new Money(100));
    expect(engine.story()).toContain('read-refused prices value-unstorable');
  });
});
