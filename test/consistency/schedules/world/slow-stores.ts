import { InProcessVersionStore } from '../../../../src/coordination/in-process/in-process-version-store.js';
import { VersionStore } from '../../../../src/coordination/version-store.js';
import type { TagList } from '../../../../src/coordination/version-store.js';
import type { CacheEntry } from '../../../../src/entry/cache-entry.js';
import type { VersionSnapshot } from '../../../../src/entry/version-snapshot.js';
import { EntryStore } from '../../../../src/storage/entry-store.js';
import type { EntryAddress, Lookup } from '../../../../src/storage/entry-store.js';

export type Gate = (step: string) => Promise<void>;

/**
 * Entries that are found in a later turn, and kept when the schedule lets them. To find them later still would only weaken
 * what their reader is promised.
 */
export class SlowEntryStore extends EntryStore {
  constructor(
    private readonly kept: EntryStore,
    private readonly gate: Gate,
  ) {
    super();
  }

  override async find(address: EntryAddress): Promise<Lookup> {
    await Promise.resolve();

    return this.kept.find(address);
  }

  override async put(address: EntryAddress, entry: CacheEntry): Promise<void> {
    await this.gate('entry is put');
    await this.kept.put(address, entry);
  }
}

/** Versions that are read and compared when the schedule lets them, and replaced in a turn after the write. */
export class SlowVersionStore extends VersionStore {
  private readonly kept = new InProcessVersionStore(100);

  constructor(private readonly gate: Gate) {
    super();
  }

  override get epoch(): string {
    return this.kept.epoch;
  }

  override async isCurrent(snapshot: VersionSnapshot): Promise<boolean> {
    await this.gate('versions are compared');

    return this.kept.isCurrent(snapshot);
  }

  override async readOrMint(tags: TagList): Promise<VersionSnapshot> {
    await this.gate('versions are read');

    return this.kept.readOrMint(tags);
  }

  override async bump(tags: readonly string[]): Promise<void> {
    await Promise.resolve();
    await this.kept.bump(tags);
  }
}
