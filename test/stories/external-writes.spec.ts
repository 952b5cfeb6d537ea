import { describe, expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

const PRICE = { price: (sku: string) => sku };

/** A page of one level that is made of a price which other programs write. */
function shop(consistency: 'linearizable' | 'strong' | 'session' | 'bounded') {
  const engine = new EngineUnderTest();
  let cents = 900;
  const price = engine.cached(
    { name: 'prices', consistency: 'bounded', tolerance: { max: '1m' }, writes: 'external', tags: PRICE },
    async (sku: string) => Promise.resolve(`${sku} ${cents}`),
  );
  const tolerance = ['session', 'bounded'].includes(consistency) ? { tolerance: { max: '1m' } as const } : {};
  const page = engine.cached(
    { name: 'pages', consistency, ...tolerance },
    async (sku: string) => `page of ${await price(sku)}`,
  );

  return { engine, page, raise: () => (cents += 1) };
}

describe('what is made of what other programs write', () => {
  it.each(['linearizable', 'strong', 'session'] as const)('is not stored under a %s promise', async (level) => {
    const { engine, page, raise } = shop(level);
    await page('mug');
    expect(engine.story()).toContain('load-finished pages weaker-level-read');
    raise();

    expect(await page('mug')).toBe('page of mug 901');
  });

  it('is stored within its bound, and evicted with it', async () => {
    const { engine, page, raise } = shop('bounded');
    await page('mug');
    expect(engine.story()).toContain('load-finished pages stored');
    raise();
    expect(await page('mug')).toBe('page of mug 900');
    await engine.evict('price', 'mug');

    expect(await page('mug')).toBe('page of mug 901');
  });
});
