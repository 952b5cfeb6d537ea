import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

class NotThere extends Error {}

// Whoever joined the remembered error of a page saw that its part had been evicted meanwhile, looked for a later load to join,
// and found the same one again.
it.each(['strong', 'linearizable'] as const)(
  'an error that is remembered under %s ends with the eviction of what it was made of',
  async (consistency) => {
    const engine = new EngineUnderTest();
    let stock = 0;
    let loads = 0;
    const stockOf = engine.cached({ name: 'stock', consistency, tags: { stock: (sku: string) => sku } }, () =>
      Promise.resolve(stock),
    );
    const pageOf = engine.cached(
      { name: 'page', consistency, negative: { ttl: '5s', errors: (error) => error instanceof NotThere } },
      async (sku: string) => {
        loads += 1;
        if ((await stockOf(sku)) === 0) throw new NotThere();

        return `a page of ${sku}`;
      },
    );
    await expect(pageOf('mug')).rejects.toThrow(NotThere);
    await expect(pageOf('mug')).rejects.toThrow(NotThere);
    expect(loads).toBe(1);

    stock = 3;
    await engine.evict('stock', 'mug');
    expect(await pageOf('mug')).toBe('a page of mug');
    expect(loads).toBe(2);
  },
);
