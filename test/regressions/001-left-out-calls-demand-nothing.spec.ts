import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';
import type { Declared } from '../support/engine-under-test.js';

// A call that could not be cached ran its method without the demand of its policy, so the reads below it answered with what
// their own levels allow: the very calls that were left out of the cache got older values than the cached ones.

/** A page above a price whose cache may answer with what was true a minute ago. */
class Shop {
  readonly engine = new EngineUnderTest();
  private price = 1;
  readonly priceOf = this.engine.cached(
    { name: 'prices', consistency: 'bounded', tolerance: { max: '1m' }, tags: { price: () => 1 } },
    async () => this.price,
  );
  /** Outdates the page, not the price. */
  readonly change = this.engine.writing({ tags: { page: () => 1 } }, async () => (this.price = 2));

  page<Args extends readonly unknown[]>(
    policy: Omit<Declared<Args, number>, 'name'>,
  ): (...args: Args) => Promise<number> {
    const declared = { ...policy, name: 'pages' } as Declared<Args, number>;

    return this.engine.cached<Args, number>(declared, () => this.priceOf());
  }
}

it('a strong call that its condition leaves out sees a write as the cached one does', async () => {
  const shop = new Shop();
  const page = shop.page<[number]>({ consistency: 'strong', condition: (id) => id !== 7, tags: { page: () => 1 } });
  await shop.priceOf();
  await shop.change();

  expect(await page(7)).toBe(2);
  expect(shop.engine.story()).toContain('read-bypassed pages condition');
  expect(await page(6)).toBe(2);
});

it('a strong call for nobody sees a write as the call of a user does', async () => {
  const shop = new Shop();
  const page = shop.page<[]>({ consistency: 'strong', scope: 'user', tags: { page: () => 1 } });
  await shop.priceOf();
  await shop.change();

  expect(await page()).toBe(2);
  expect(shop.engine.story()).toContain('read-refused pages caller-missing');
  expect(await shop.engine.callers.runAs({ user: 'ann' }, () => page())).toBe(2);
});

it('a call whose argument makes no key is given nothing older than its own bound', async () => {
  const shop = new Shop();
  const page = shop.page<[unknown]>({ consistency: 'bounded', tolerance: { max: '1s' } });
  await shop.priceOf();
  await shop.change();

  shop.engine.clock.advance('1s');
  expect(await page(() => 1)).toBe(1);
  shop.engine.clock.advance('1ms');
  expect(await page(() => 1)).toBe(2);
  expect(shop.engine.story()).toContain('read-refused pages argument-unkeyable');
});
