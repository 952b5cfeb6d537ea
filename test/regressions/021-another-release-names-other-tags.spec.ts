import { expect, it } from '@jest/globals';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { BreakableStore, overStore } from '../support/breakable-store.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const PRODUCT = { product: (sku: string) => sku };
const CATEGORY = { category: (sku: string) => sku.slice(0, 3) };

// An entry is judged by the tags that its own release gave it. The next release named one more, and evicted by that alone, while
// the entries of the one before still answered.
it('an entry of a release that named fewer tags does not answer in one that names more', async () => {
  const versions = new InProcessVersionStore(100);
  const entries = overStore(new BreakableStore());
  const [earlier, later] = [new EngineUnderTest({ versions, entries }), new EngineUnderTest({ versions, entries })];
  let source = 1;
  const load = (): Promise<number> => Promise.resolve(source);
  const readEarlier = earlier.cached({ name: 'stock', consistency: 'strong', tags: PRODUCT }, load);
  const readLater = later.cached({ name: 'stock', consistency: 'strong', tags: { ...CATEGORY, ...PRODUCT } }, load);
  const write = later.writing({ tags: CATEGORY }, (sku: string) => {
    source += 1;
    return Promise.resolve(sku);
  });
  await readEarlier('mug-0001');
  await write('mug-0001');

  expect(await readLater('mug-0001')).toBe(2);
});

it('the order in which tags are named makes no other entry', async () => {
  const versions = new InProcessVersionStore(100);
  const entries = overStore(new BreakableStore());
  const [one, two] = [new EngineUnderTest({ versions, entries }), new EngineUnderTest({ versions, entries })];
  const stock = { name: 'stock', consistency: 'strong' } as const;
  const reads = [
    one.cached({ ...stock, tags: { ...CATEGORY, ...PRODUCT } }, () => Promise.resolve('one')),
    two.cached({ ...stock, tags: { ...PRODUCT, ...CATEGORY } }, () => Promise.resolve('two')),
  ] as const;

  expect([await reads[0]('mug-0001'), await reads[1]('mug-0001')]).toEqual(['one', 'one']);
});
