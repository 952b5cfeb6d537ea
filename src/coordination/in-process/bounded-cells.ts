/** What stands for one version of one tag. Goes from current to outdated once. */
export interface Cell {
  isCurrent: boolean;
}

/**
 * Cells by name, at most so many.
 *
 * Two generations: when the young one has half of the room, the old one is forgotten and the young one takes its place; a
 * cell that is asked for becomes young again. A single Map with its oldest key deleted each time takes ever longer to find
 * the next oldest, because V8 steps over what was deleted; this costs a constant, and forgets what was not asked for.
 */
export class BoundedCells<C extends Cell> {
  private young = new Map<string, C>();
  private old = new Map<string, C>();
  private readonly roomOfOne: number;

  /** @param max at least 2; of those last asked for, at least half as many are kept */
  constructor(max: number) {
    this.roomOfOne = Math.max(1, Math.floor(max / 2));
  }

  get(name: string): C | undefined {
    const young = this.young.get(name);
    if (young !== undefined) return young;

    const old = this.old.get(name);
    if (old !== undefined) {
      this.old.delete(name);
      this.add(name, old);
    }

    return old;
  }

  add(name: string, cell: C): void {
    if (this.young.size >= this.roomOfOne) this.forgetOld();
    this.young.set(name, cell);
  }

  /** What named the cell is outdated from now on. */
  forget(name: string): void {
    const cell = this.get(name);
    if (cell === undefined) return;
    cell.isCurrent = false;
    this.young.delete(name);
  }

  forgetAll(): void {
    this.forgetOld();
    this.forgetOld();
  }

  /** An entry that names a forgotten tag could not be evicted any more, so it is outdated as well. */
  private forgetOld(): void {
    for (const cell of this.old.values()) cell.isCurrent = false;
    this.old = this.young;
    this.young = new Map();
  }
}
