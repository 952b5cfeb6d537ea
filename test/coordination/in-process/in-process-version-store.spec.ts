import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InProcessVersionStore } from '../../../src/coordination/in-process/in-process-version-store.js';
import type { VersionSnapshot } from '../../../src/entry/version-snapshot.js';

const COMMON = ['c:prices', 'f:product'];
const named = ({ tags, versions }: VersionSnapshot): VersionSnapshot => ({ tags: [...tags], versions: [...versions] });

/** A snapshot as it was taken, and as a store outside the process would give it back. */
const FORMS = [
  ['as it was taken', (snapshot: VersionSnapshot) => snapshot],
  ['as a store gave it back', named],
] as const;

describe.each(FORMS)('a snapshot %s', (_, form) => {
  it('is current until one of its tags is evicted, each by itself', async () => {
    for (const evicted of [...COMMON, 'p:a', 'p:b']) {
      const store = new InProcessVersionStore(10);
      const snapshot = form(store.readOrMint({ common: COMMON, own: ['p:a', 'p:b'] }));
      expect(store.isCurrent(snapshot)).toBe(true);

      await store.bump(['p:c']);
      expect(store.isCurrent(snapshot)).toBe(true);
      await store.bump([evicted]);

      expect(store.isCurrent(snapshot)).toBe(false);
      store.readOrMint({ common: COMMON, own: ['p:a', 'p:b'] });
      expect(store.isCurrent(snapshot)).toBe(false);
    }
  });

  it('of forgotten tags is not current', () => {
    const store = new InProcessVersionStore(4);
    const snapshot = form(store.readOrMint({ common: COMMON, own: ['p:a'] }));
    for (let other = 0; other < 10; other += 1) store.readOrMint({ common: COMMON, own: [`p:${other}`] });

    expect(store.isCurrent(snapshot)).toBe(false);
  });

  it('of another store is not current', () => {
    const [one, other] = [new InProcessVersionStore(10), new InProcessVersionStore(10)];
    const tags = { common: COMMON, own: ['p:a'] };
    other.readOrMint(tags);

    expect(other.isCurrent(named(one.readOrMint(tags)))).toBe(false);
    expect(other.epoch).not.toBe(one.epoch);
  });
});

describe('versions', () => {
  it('are the same for everybody until they are replaced', () => {
    const store = new InProcessVersionStore(10);
    const first = named(store.readOrMint({ common: COMMON, own: ['p:a'] }));

    expect(named(store.readOrMint({ common: COMMON, own: ['p:a'] }))).toEqual(first);
    expect(named(store.readOrMint({ common: [...COMMON], own: ['p:a'] }))).toEqual(first);
  });

  it('never come back, whatever is read, evicted and forgotten', () => {
    const tag = fc.constantFrom('p:a', 'p:b', 'p:c', 'p:d', 'p:e');
    const step = fc.record({ evicts: fc.boolean(), tags: fc.uniqueArray(tag, { minLength: 1 }) });

    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = new InProcessVersionStore(3);
        const seen: VersionSnapshot[] = [];
        const outdated = new Set<VersionSnapshot>();
        for (const { evicts, tags } of steps) {
          if (evicts) {
            void store.bump(tags);
            for (const each of seen) if (tags.some((one) => each.tags.includes(one))) outdated.add(each);
          } else {
            seen.push(store.readOrMint({ common: COMMON, own: tags }));
          }
          for (const each of outdated) {
            expect(store.isCurrent(each)).toBe(false);
            expect(store.isCurrent(named(each))).toBe(false);
          }
        }
      }),
    );
  });

  it('are confirmed as replaced before a bump settles', async () => {
    const store = new InProcessVersionStore(10);
    const snapshot = store.readOrMint({ common: COMMON, own: [] });

    const bumped = store.bump(['f:product']);
    expect(store.isCurrent(snapshot)).toBe(false);
    await bumped;
  });

  it('of more tags than are kept are never current, and never an error', () => {
    const store = new InProcessVersionStore(2);

    expect(store.isCurrent(store.readOrMint({ common: COMMON, own: ['p:a', 'p:b', 'p:c'] }))).toBe(false);
  });
});
