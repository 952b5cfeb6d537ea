import type { TagCell } from './tag-cell.js';

/**
 * Cells by tag, at most so many.
 *
 * Two generations: when the young one has half of the room, the old one is forgotten and the young one takes its place; a
 * cell that is asked for becomes young again. A single Map with its oldest key deleted each time takes ever longer to find
 * the next oldest, because V8 steps over what was deleted; this costs a constant, and forgets what was not asked for.
 */
export class BoundedCells {
  private young = new Map<string, TagCell>();
  private old = new Map<string, TagCell>();
  private readonly roomOfOne: number;

  /** @param max at least 2; of the tags last asked for, at least half as many are kept */
  constructor(max: number) {
    this.roomOfOne = Math.max(1, Math.floor(max / 2));
  }

  get(tag: string): TagCell | undefined {
    const young = this.young.get(tag);
    if (young !== undefined) return young;

    const old = this.old.get(tag);
    if (old !== undefined) {
      this.old.delete(tag);
      this.add(old);
    }

    return old;
  }

  add(cell: TagCell): void {
    if (this.young.size >= this.roomOfOne) this.forgetOld();
    this.young.set(cell.tag, cell);
  }

  /** What named the cell is outdated from now on. */
  forget(tag: string): void {
    const cell = this.get(tag);
    if (cell === undefined) return;
    cell.isCurrent = false;
    this.young.delete(tag);
  }

  /** An entry that names a forgotten tag could not be evicted any more, so it is outdated as well. */
  private forgetOld(): void {
    for (const cell of this.old.values()) cell.isCurrent = false;
    this.old = this.young;
    this.young = new Map();
  }
}
