import type { Version, VersionSnapshot } from '../entry/version-snapshot.js';
import { BoundedCells } from './in-process/bounded-cells.js';
import type { Cell } from './in-process/bounded-cells.js';
import { WatchedSnapshot } from './invalidation-feed.js';

/** What a version store tells of its reads, so that copies in this process's memory can be outdated from outside. */
export interface VersionWatch {
  /**
   * The versions of these tags are about to be asked for. Called before the question leaves: what is heard of a tag from
   * then on counts, whenever the answer comes.
   */
  expect(tags: readonly string[]): Expectation;

  /** No copy under these tags is current any more; for evictions of this process, which need not wait to be heard of. */
  forget(tags: readonly string[]): void;
}

/** One question for versions. It may be left without an answer. */
export interface Expectation {
  /** The store answered: `versions[i]` is that of the i-th expected tag, undefined when it has none. */
  learn(versions: readonly (Version | undefined)[]): void;
}

const NOTHING_EXPECTED: Expectation = { learn: () => undefined };

/**
 * Cells that know the version of a tag for as long as nothing was heard of the tag.
 *
 * Invariant: a current cell with a version vouches that the tag had it at an instant since which every change is heard of,
 * and that none has been. So a cell exists before its version is asked for, belongs to that very question (with one cell
 * looked up by name when the answer comes, an answer from before a change would be taken for one from after it), and none
 * is made while nothing is heard.
 */
export class WatchedCells implements VersionWatch {
  private readonly cells: BoundedCells<WatchedCell>;
  private listening = false;

  /**
   * @param nameOf what changes of a tag are heard under
   * @param maxTags how many tags are watched; copies under one that was not asked for longest are outdated
   */
  constructor(
    private readonly nameOf: (tag: string) => string,
    maxTags: number,
  ) {
    this.cells = new BoundedCells(maxTags);
  }

  expect(tags: readonly string[]): Expectation {
    return this.listening ? new ExpectedCells(tags.map((tag) => this.cellOf(tag))) : NOTHING_EXPECTED;
  }

  forget(tags: readonly string[]): void {
    for (const tag of tags) this.cells.forget(this.nameOf(tag));
  }

  /** The tag behind this name was changed, by whomever. */
  heardOf(name: string): void {
    this.cells.forget(name);
  }

  /** Everything may have been changed. */
  outdateAll(): void {
    this.cells.forgetAll();
  }

  /** From now on every change is heard of; what happened before may have been missed. */
  startListening(): void {
    this.outdateAll();
    this.listening = true;
  }

  /** Changes may be missed from now on. What was not changed until now stays current, for whoever has nothing better. */
  stopListening(): void {
    this.listening = false;
  }

  /** @returns undefined unless each of its tags is known to have the version that the snapshot names, and something is named */
  watch({ tags, versions }: VersionSnapshot): WatchedSnapshot | undefined {
    if (!this.listening || tags.length === 0) return undefined;
    const cells: WatchedCell[] = [];
    for (const [index, tag] of tags.entries()) {
      const cell = this.cells.get(this.nameOf(tag));
      if (cell?.isCurrent !== true || cell.version !== versions[index]) return undefined;
      cells.push(cell);
    }

    return new WatchedCellSnapshot(cells);
  }

  private cellOf(tag: string): WatchedCell {
    const name = this.nameOf(tag);
    const known = this.cells.get(name);
    if (known?.isCurrent === true) return known;

    const cell = new WatchedCell(tag);
    this.cells.add(name, cell);

    return cell;
  }
}

class WatchedCell implements Cell {
  isCurrent = true;
  version: Version | undefined = undefined;

  constructor(readonly tag: string) {}
}

class ExpectedCells implements Expectation {
  constructor(private readonly cells: readonly WatchedCell[]) {}

  learn(versions: readonly (Version | undefined)[]): void {
    for (const [index, cell] of this.cells.entries()) {
      cell.version ??= versions[index];
      // Of two answers to questions that one cell stands for, one is from before a change; that change is still to be heard of.
      if (cell.version !== versions[index]) cell.isCurrent = false;
    }
  }
}

/** Entries point at cells: a hit asks each one question, without a lookup. */
class WatchedCellSnapshot extends WatchedSnapshot {
  constructor(private readonly cells: readonly WatchedCell[]) {
    super();
  }

  override get tags(): readonly string[] {
    return this.cells.map(({ tag }) => tag);
  }

  override get versions(): readonly Version[] {
    return this.cells.map(({ version }) => version ?? '');
  }

  override get isCurrent(): boolean {
    for (const cell of this.cells) {
      if (!cell.isCurrent) return false;
    }

    return true;
  }
}
