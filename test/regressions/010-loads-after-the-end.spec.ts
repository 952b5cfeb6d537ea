import { expect, it } from '@jest/globals';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// An application that closes ends its scopes, and with them what a running load knows of its own reads. Such a load stored its
// result for the other processes as if it had read nothing, and a write of what it had read did not outdate it.

it('a load that ends after its application has closed answers, and stores nothing', async () => {
  const [closing, slow] = [new EngineUnderTest({ ambient: () => undefined }), new Deferred()];
  const { clock, entries, versions, intents } = closing;
  const another = new EngineUnderTest({ clock, entries: () => entries, versions, intents });
  let source = 1;
  const pageIn = (engine: EngineUnderTest, ready: Promise<void>): (() => Promise<number>) => {
    const price = engine.cached(
      { name: 'prices', consistency: 'strong', tags: { price: () => 1 } },
      async () => source,
    );
    return engine.cached({ name: 'pages', consistency: 'strong', tags: { page: () => 1 } }, async () => {
      await ready;
      return price();
    });
  };
  const page = pageIn(another, Promise.resolve());

  const running = pageIn(closing, slow.promise)();
  closing.scopes.close();
  slow.resolve();
  expect(await running).toBe(1);

  await another.writing({ tags: { price: () => 1 } }, async () => (source = 2))();
  expect(await page()).toBe(2);
  expect(closing.story()).toContain('load-finished pages application-closed');
});
