import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { VersionStore } from '../../src/coordination/version-store.js';
import type { VersionSnapshot } from '../../src/entry/version-snapshot.js';

export interface VersionStoreUnderTest {
  readonly store: VersionStore;
  /** The same versions as another process sees them; the store itself where there is no other. */
  readonly other: VersionStore;
  close(): Promise<void>;
}

const COMMON = ['cprices', 'fproduct'];
const OWN = ['v7:product:1', 'v7:product:}{ 2'];
const TAGS = { common: COMMON, own: OWN };
/** As a store outside the process gives it back: names only. */
const named = ({ tags, versions }: VersionSnapshot): VersionSnapshot => ({ tags: [...tags], versions: [...versions] });

/** What every adapter of the port keeps, whatever it is made of. */
export function itKeepsVersions(adapter: string, open: () => Promise<VersionStoreUnderTest>): void {
  describe(`versions in ${adapter}`, () => {
    let underTest: VersionStoreUnderTest;
    let store: VersionStore;
    let other: VersionStore;
    beforeEach(async () => {
      underTest = await open();
      ({ store, other } = underTest);
    });
    afterEach(() => underTest.close());

    it('are minted where there are none, and stay', async () => {
      const first = named(await store.readOrMint(TAGS));
      expect(first.tags).toEqual([...COMMON, ...OWN]);
      expect(new Set(first.versions).size).toBe(4);

      expect(named(await store.readOrMint(TAGS))).toEqual(first);
      expect(named(await other.readOrMint(TAGS))).toEqual(first);
      expect(await other.isCurrent(first)).toBe(true);
    });

    it('are the same for all who mint them at once', async () => {
      const minted = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => (index % 2 === 0 ? store : other).readOrMint(TAGS)),
      );

      expect(new Set(minted.map((snapshot) => JSON.stringify(snapshot.versions))).size).toBe(1);
    });

    it.each([...COMMON, ...OWN])('are outdated for everybody by an eviction of %s', async (evicted) => {
      const before = await store.readOrMint(TAGS);
      const elsewhere = await other.readOrMint(TAGS);

      await other.bump(['v7:product:3']);
      expect(await store.isCurrent(before)).toBe(true);
      await other.bump([evicted]);

      expect(await store.isCurrent(before)).toBe(false);
      expect(await store.isCurrent(named(before))).toBe(false);
      expect(await other.isCurrent(elsewhere)).toBe(false);
      const after = await store.readOrMint(TAGS);
      expect(await other.isCurrent(named(after))).toBe(true);
      expect(await store.isCurrent(named(before))).toBe(false);
    });

    it('of a tag that has none are not current', async () => {
      expect(await store.isCurrent({ tags: ['v7:product:9'], versions: [''] })).toBe(false);
      expect(await store.isCurrent({ tags: ['v7:product:9'], versions: ['never.was'] })).toBe(false);
      expect(await store.isCurrent({ tags: [], versions: [] })).toBe(true);
    });

    it('observed before answer as those that are asked for', async () => {
      const observedNothing = await store.observe?.(TAGS);
      const snapshot = named(await store.readOrMint(TAGS, observedNothing));
      const observed = await store.observe?.(TAGS);
      expect(await store.isCurrent(snapshot, observed)).toBe(true);
      expect(named(await store.readOrMint(TAGS, observed))).toEqual(snapshot);

      await other.bump(['fproduct']);
      expect(await store.isCurrent(snapshot, await store.observe?.(TAGS))).toBe(false);
    });

    it('confirm many evictions of one tag at once', async () => {
      const before = named(await store.readOrMint(TAGS));

      await Promise.all(
        Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? store : other).bump(['fproduct'])),
      );

      expect(await store.isCurrent(before)).toBe(false);
    });

    it('never come back, whoever reads and evicts', async () => {
      const tag = fc.constantFrom('v1:a', 'v1:b', 'v1:c');
      const step = fc.record({ who: fc.boolean(), tag, evicts: fc.boolean() });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          run += 1;
          const replaced = new Set<string>();
          const current = new Map<string, string>();
          for (const { who, tag: name, evicts } of steps) {
            const [at, tagOfRun] = [who ? store : other, `${name}${run}`];
            if (evicts) {
              await at.bump([tagOfRun]);
              replaced.add(current.get(tagOfRun) ?? '');
              current.delete(tagOfRun);
              continue;
            }
            const version = (await at.readOrMint({ common: [], own: [tagOfRun] })).versions[0] ?? '';
            expect(replaced).not.toContain(version);
            expect(current.get(tagOfRun) ?? version).toBe(version);
            current.set(tagOfRun, version);
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
