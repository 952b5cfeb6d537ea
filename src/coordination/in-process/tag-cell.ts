import type { Version, VersionSnapshot } from '../../entry/version-snapshot.js';

/**
 * One version of one tag, as long as it is the tag's version.
 *
 * Entries in memory point at cells instead of naming versions: a hit asks each cell one question, without a lookup, and an
 * entry costs a pointer for each tag.
 */
export class TagCell {
  /** Goes from true to false once, when the tag is evicted or forgotten; a new version is a new cell. */
  isCurrent = true;

  constructor(
    readonly tag: string,
    private readonly epoch: string,
    readonly seq: number,
  ) {}

  /** Written out only for a store outside this process, or to compare with what one gave back. */
  get version(): Version {
    return `${this.epoch}.${this.seq.toString(36)}`;
  }
}

/**
 * A snapshot made of cells. The common part is one object for all entries that were loaded under the same cells; most
 * entries have one tag of their own, and need no list for it.
 */
export class CellSnapshot implements VersionSnapshot {
  constructor(
    private readonly common: readonly TagCell[],
    private readonly own: TagCell | readonly TagCell[],
  ) {}

  get tags(): readonly string[] {
    return this.cells().map(({ tag }) => tag);
  }

  get versions(): readonly Version[] {
    return this.cells().map(({ version }) => version);
  }

  /** A sequence number belongs to one tag, so the numbers tell snapshots of one process apart. */
  get id(): string {
    let id = '';
    for (const { seq } of this.common) id += `${seq}.`;
    if (this.own instanceof TagCell) return `${id}${this.own.seq}`;
    for (const { seq } of this.own) id += `${seq}.`;

    return id;
  }

  get isCurrent(): boolean {
    if (!areCurrent(this.common)) return false;

    return this.own instanceof TagCell ? this.own.isCurrent : areCurrent(this.own);
  }

  private cells(): readonly TagCell[] {
    return this.common.concat(this.own);
  }
}

export function areCurrent(cells: readonly TagCell[]): boolean {
  for (const cell of cells) {
    if (!cell.isCurrent) return false;
  }

  return true;
}
