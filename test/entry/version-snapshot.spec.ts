import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_SNAPSHOT, mergeSnapshots, snapshotId, type VersionSnapshot } from '../../src/entry/version-snapshot.js';

const snapshotOf = (versions: Readonly<Record<string, string>>): VersionSnapshot => ({
  tags: Object.keys(versions),
  versions: Object.values(versions),
});
const text = fc.string({ unit: fc.constantFrom('a', '1', ':', '.'), maxLength: 3 });
const snapshot = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true }).map(snapshotOf);

describe('two snapshots together', () => {
  it('hold every tag of both, once', () => {
    expect(mergeSnapshots(snapshotOf({ a: '1', b: '2' }), snapshotOf({ b: '2', c: '3' }))).toEqual(
      snapshotOf({ a: '1', b: '2', c: '3' }),
    );
  });

  it('are undefined when one tag stands in both with different versions', () => {
    expect(mergeSnapshots(snapshotOf({ a: '1', b: '2' }), snapshotOf({ c: '3', b: '4' }))).toBeUndefined();
  });

  it('are the other one when one is empty', () => {
    const only = snapshotOf({ a: '1' });

    expect(mergeSnapshots(EMPTY_SNAPSHOT, only)).toBe(only);
    expect(mergeSnapshots(only, EMPTY_SNAPSHOT)).toBe(only);
  });

  it('are the same in either order, but for the order of tags', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (a, b) => {
        const versionsOf = (merged: VersionSnapshot | undefined): unknown =>
          merged && new Map(merged.tags.map((tag, index) => [tag, merged.versions[index]]));

        expect(versionsOf(mergeSnapshots(a, b))).toEqual(versionsOf(mergeSnapshots(b, a)));
        expect(mergeSnapshots(a, a)).toEqual(a);
      }),
    );
  });
});

describe('the id of a snapshot', () => {
  it('is equal exactly when tags and versions are', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (a, b) => {
        expect(snapshotId(a) === snapshotId(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not confuse where a tag ends and its version begins', () => {
    expect(snapshotId(snapshotOf({ a: '11:b2' }))).not.toBe(snapshotId(snapshotOf({ a: '1', b: '2' })));
    expect(snapshotId(snapshotOf({ 'a1:xb': 'y' }))).not.toBe(snapshotId(snapshotOf({ a: 'x', b: 'y' })));
    expect(snapshotId(snapshotOf({ a: '11:b1:2' }))).not.toBe(snapshotId(snapshotOf({ a: '1', b: '2' })));
    expect(snapshotId(snapshotOf({ a: '1:b' }))).not.toBe(snapshotId(snapshotOf({ 'a1:': 'b' })));
  });

  it('is empty for the empty snapshot', () => {
    expect(snapshotId(EMPTY_SNAPSHOT)).toBe('');
  });

  it('of the empty snapshot cannot come to mean something: it is frozen', () => {
    expect(
      Object.isFrozen(EMPTY_SNAPSHOT.tags) &&
        Object.isFrozen(EMPTY_SNAPSHOT.versions) &&
        Object.isFrozen(EMPTY_SNAPSHOT),
    ).toBe(true);
  });
});
