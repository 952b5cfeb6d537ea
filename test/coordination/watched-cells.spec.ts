import { describe, expect, it } from '@jest/globals';
import { WatchedCells } from '../../src/coordination/watched-cells.js';
import type { VersionSnapshot } from '../../src/entry/version-snapshot.js';

function listeningCells(maxTags = 100): WatchedCells {
  const cells = new WatchedCells((tag) => `key of ${tag}`, maxTags);
  cells.startListening();

  return cells;
}

function snapshotOf(versions: Record<string, string>): VersionSnapshot {
  return { tags: Object.keys(versions), versions: Object.values(versions) };
}

function read(cells: WatchedCells, versions: Record<string, string>): VersionSnapshot {
  cells.expect(Object.keys(versions)).learn(Object.values(versions));

  return snapshotOf(versions);
}

describe('a watched snapshot', () => {
  it('is current until one of its tags is heard of', () => {
    const cells = listeningCells();
    const watched = cells.watch(read(cells, { a: '1', b: '1' }));

    cells.heardOf('key of c');
    expect(watched?.isCurrent).toBe(true);
    cells.heardOf('key of b');
    expect(watched?.isCurrent).toBe(false);
  });

  it('says what it stands for', () => {
    const cells = listeningCells();

    expect(cells.watch(read(cells, { a: '1', b: '2' }))).toMatchObject({ tags: ['a', 'b'], versions: ['1', '2'] });
  });

  it('is outdated by an eviction of this process at once', () => {
    const cells = listeningCells();
    const watched = cells.watch(read(cells, { a: '1' }));

    cells.forget(['a']);

    expect(watched?.isCurrent).toBe(false);
  });

  it('is outdated when its tag is forgotten for room, because nothing would outdate it any more', () => {
    const cells = listeningCells(4);
    const watched = cells.watch(read(cells, { a: '1' }));

    for (const tag of ['b', 'c', 'd', 'e']) cells.expect([tag]);

    expect(watched?.isCurrent).toBe(false);
  });

  it('is made of what is known to be current, and of nothing else', () => {
    const cells = listeningCells();
    read(cells, { a: '1', b: '1' });
    cells.expect(['asked']);
    cells.expect(['missing']).learn([undefined]);

    for (const unknown of [{ a: '2' }, { a: '1', never: '1' }, { asked: '1' }, { missing: '1' }, {}]) {
      expect(cells.watch(snapshotOf(unknown))).toBeUndefined();
    }
  });
});

describe('an eviction between the reading of a version and the keeping of a copy', () => {
  it('is not lost when it is heard of before the version arrives', () => {
    const cells = listeningCells();
    const expected = cells.expect(['a']);
    cells.heardOf('key of a');
    expected.learn(['1']);

    expect(cells.watch(snapshotOf({ a: '1' }))).toBeUndefined();
  });

  it('is not lost when it is heard of after the version arrived', () => {
    const cells = listeningCells();
    const snapshot = read(cells, { a: '1' });
    cells.heardOf('key of a');

    expect(cells.watch(snapshot)).toBeUndefined();
  });

  it('is not lost when somebody else asks in between, and waits for an answer', () => {
    const cells = listeningCells();
    const before = cells.expect(['a']);
    cells.heardOf('key of a');
    const after = cells.expect(['a']);
    before.learn(['1']);

    expect(cells.watch(snapshotOf({ a: '1' }))).toBeUndefined();
    after.learn(['2']);
    expect(cells.watch(snapshotOf({ a: '2' }))?.isCurrent).toBe(true);
  });

  it('outdates what was learned before, when another answer shows it first', () => {
    const cells = listeningCells();
    const watched = cells.watch(read(cells, { a: '1' }));

    read(cells, { a: '2' });

    expect(watched?.isCurrent).toBe(false);
    expect(cells.watch(snapshotOf({ a: '1' }))).toBeUndefined();
  });

  it('shows in a tag that has no version any more', () => {
    const cells = listeningCells();
    const watched = cells.watch(read(cells, { a: '1' }));

    cells.expect(['a']).learn([undefined]);

    expect(watched?.isCurrent).toBe(false);
  });

  it('does not keep the next version from being watched', () => {
    const cells = listeningCells();
    read(cells, { a: '1' });
    read(cells, { a: '2' });

    expect(cells.watch(read(cells, { a: '2' }))?.isCurrent).toBe(true);
  });
});

describe('while nothing is heard', () => {
  it('what was current stays so, and nothing new is watched', () => {
    const cells = listeningCells();
    const snapshot = read(cells, { a: '1' });
    const watched = cells.watch(snapshot);

    cells.stopListening();

    expect(watched?.isCurrent).toBe(true);
    expect(cells.watch(snapshot)).toBeUndefined();
    expect(cells.watch(read(cells, { b: '1' }))).toBeUndefined();
  });

  it('a question is not answered for afterwards', () => {
    const cells = new WatchedCells((tag) => tag, 100);
    const deaf = cells.expect(['a']);
    cells.startListening();
    deaf.learn(['1']);

    expect(cells.watch(snapshotOf({ a: '1' }))).toBeUndefined();
  });

  it('everything may have changed: it is outdated when hearing begins again', () => {
    const cells = listeningCells();
    const watched = cells.watch(read(cells, { a: '1' }));
    const asked = cells.expect(['b']);
    cells.stopListening();

    cells.startListening();
    asked.learn(['1']);

    expect(watched?.isCurrent).toBe(false);
    expect(cells.watch(snapshotOf({ b: '1' }))).toBeUndefined();
  });
});
