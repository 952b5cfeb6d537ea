import { describe, expect, it } from '@jest/globals';
import { BoundedCells } from '../../../src/coordination/in-process/bounded-cells.js';
import { TagCell } from '../../../src/coordination/in-process/tag-cell.js';

function filled(max: number, tags: readonly string[]): { cells: BoundedCells<TagCell>; of: Map<string, TagCell> } {
  const cells = new BoundedCells<TagCell>(max);
  const of = new Map(tags.map((tag, seq) => [tag, new TagCell(tag, 'epoch', seq)]));
  for (const cell of of.values()) cells.add(cell.tag, cell);

  return { cells, of };
}

describe('a bounded set of cells', () => {
  it('keeps what was added last, up to half of its room', () => {
    const { cells } = filled(4, ['a', 'b', 'c', 'd', 'e']);

    expect(['d', 'e'].map((tag) => cells.get(tag)?.tag)).toEqual(['d', 'e']);
  });

  it('outdates what it forgets for room, because nothing could evict it any more', () => {
    const { cells, of } = filled(4, ['a', 'b', 'c', 'd', 'e']);

    expect(cells.get('a')).toBeUndefined();
    expect(of.get('a')?.isCurrent).toBe(false);
    expect(of.get('e')?.isCurrent).toBe(true);
  });

  it('keeps what is asked for, however much comes after it', () => {
    const { cells, of } = filled(4, ['asked for']);
    for (let seq = 1; seq <= 100; seq += 1) {
      cells.add(`tag ${seq}`, new TagCell(`tag ${seq}`, 'epoch', seq));
      cells.get('asked for');
    }

    expect(of.get('asked for')?.isCurrent).toBe(true);
  });

  it('finds and outdates a cell of either generation when it is evicted', () => {
    const { cells, of } = filled(4, ['old', 'older', 'young']);
    cells.forget('old');
    cells.forget('young');

    expect([of.get('old')?.isCurrent, of.get('young')?.isCurrent]).toEqual([false, false]);
    expect([cells.get('old'), cells.get('young')]).toEqual([undefined, undefined]);
  });

  it('never forgets for room when it has no bound', () => {
    const { of } = filled(
      Infinity,
      Array.from({ length: 1_000 }, (_, index) => `tag ${index}`),
    );

    expect([...of.values()].every(({ isCurrent }) => isCurrent)).toBe(true);
  });
});
