import { randomBytes } from 'node:crypto';
import type { VersionSnapshot } from '../../entry/version-snapshot.js';
import type { StoreCapabilities } from '../capabilities.js';
import { VersionStore } from '../version-store.js';
import type { TagList } from '../version-store.js';
import { BoundedCells } from './bounded-cells.js';
import { areCurrent, CellSnapshot, TagCell } from './tag-cell.js';

/** What can be promised when each process keeps its own versions. */
export const IN_PROCESS_CAPABILITIES: StoreCapabilities = {
  describedAs: "this process's memory",
  // In one process all of them are shared; supportOf asks for the topology.
  has: new Set(['knownEpoch', 'intents', 'tickets']),
  missingBecause: {},
};

/**
 * Versions in this process's memory: enough where one process is the only writer.
 *
 * A version is an epoch and a sequence number. The epoch is drawn at start, so that nothing stored by an earlier or another
 * process is trusted; within it the sequence makes every version unique without randomness, because nothing here is ever
 * sent twice.
 */
export class InProcessVersionStore extends VersionStore {
  override readonly epoch = randomBytes(9).toString('base64url');
  private readonly cells: BoundedCells<TagCell>;
  /** As many as there are declarations, so never forgotten for room: with one of these its whole cache would go. */
  private readonly commonCells = new BoundedCells<TagCell>(Infinity);
  private readonly common = new WeakMap<readonly string[], readonly TagCell[]>();
  private seq = 0;

  /** @param maxTags how many tags keep a version; what was not asked for longest is forgotten, and what it marked is a miss */
  constructor(maxTags: number) {
    super();
    this.cells = new BoundedCells(maxTags);
  }

  override isCurrent(snapshot: VersionSnapshot): boolean {
    if (snapshot instanceof CellSnapshot) return snapshot.isCurrent;

    // From a store outside this process, or merged of what a load read: only the names are known.
    return snapshot.tags.every((tag, index) => {
      const cell = this.cells.get(tag) ?? this.commonCells.get(tag);
      return cell?.version === snapshot.versions[index];
    });
  }

  override readOrMint({ common, own }: TagList): VersionSnapshot {
    let shared = this.common.get(common);
    if (shared === undefined || !areCurrent(shared)) {
      shared = common.map((tag) => this.cellIn(this.commonCells, tag));
      this.common.set(common, shared);
    }
    const [first, ...rest] = own;
    if (first === undefined) return new CellSnapshot(shared, []);
    const cell = this.cellIn(this.cells, first);

    return new CellSnapshot(
      shared,
      rest.length === 0 ? cell : [cell, ...rest.map((tag) => this.cellIn(this.cells, tag))],
    );
  }

  /** Forgetting is enough: the next load mints a version that no stored entry can carry. */
  override bump(tags: readonly string[]): Promise<void> {
    for (const tag of tags) {
      this.cells.forget(tag);
      this.commonCells.forget(tag);
    }

    return Promise.resolve();
  }

  private cellIn(cells: BoundedCells<TagCell>, tag: string): TagCell {
    const known = cells.get(tag);
    if (known !== undefined) return known;

    this.seq += 1;
    const cell = new TagCell(tag, this.epoch, this.seq);
    cells.add(tag, cell);

    return cell;
  }
}
