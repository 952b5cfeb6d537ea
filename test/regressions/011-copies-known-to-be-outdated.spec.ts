import { expect, it } from '@jest/globals';
import { RedisVersionStore } from '../../src/coordination/redis/redis-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { InvalidationFeed } from '../../src/coordination/invalidation-feed.js';
import type { WatchedSnapshot } from '../../src/coordination/invalidation-feed.js';
import { WatchedCells } from '../../src/coordination/watched-cells.js';
import { valueTag } from '../../src/entry/tag.js';
import type { VersionSnapshot } from '../../src/entry/version-snapshot.js';
import { EntryStore } from '../../src/storage/entry-store.js';
import type { Lookup } from '../../src/storage/entry-store.js';
import { copiesInMemory } from '../../src/storage/stores.js';
import { TieredEntryStore } from '../../src/storage/tiered-entry-store.js';
import { ScriptedLink } from '../coordination/redis/scripted-link.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// A copy whose original cannot be read stands in for it, because what outdates a copy is heard of. While nothing was heard, it
// stood in even against the versions that had been read in the same call.

class Feed extends InvalidationFeed {
  override readonly proofMs = 1_000;
  readonly cells = new WatchedCells((tag) => tag, 100);
  private proven = true;

  constructor() {
    super();
    this.cells.startListening();
  }

  falls(): void {
    this.proven = false;
    this.cells.stopListening();
  }

  override isProven(): boolean {
    return this.proven;
  }

  override watch(snapshot: VersionSnapshot): WatchedSnapshot | undefined {
    return this.cells.watch(snapshot);
  }
}

/** Where originals are: never there, and then not to be read either. */
class EmptyStore extends EntryStore {
  isDown = false;

  override find(): Promise<Lookup> {
    return Promise.resolve(this.isDown ? { state: 'unavailable', cause: new Error('down') } : { state: 'absent' });
  }

  override put(): Promise<void> {
    return Promise.resolve();
  }
}

class World {
  readonly feed = new Feed();
  readonly originals = new EmptyStore();
  private readonly link = new ScriptedLink();
  /** Another process, of which nothing is heard once the feed has fallen. */
  readonly elsewhere = new RedisVersionStore(this.link, 'ncc', () => undefined);
  readonly engine = new EngineUnderTest({
    versions: new RedisVersionStore(this.link, 'ncc', () => undefined, { watch: this.feed.cells }),
    intents: new InProcessWriteIntents(),
    entries: (clock) => new TieredEntryStore(copiesInMemory(10), this.originals, this.feed, clock),
  });
  price = 1;
  readonly read = this.engine.cached(
    { name: 'prices', consistency: 'eventual', ttl: '1h', tags: { price: () => 1 } },
    async () => this.price,
  );
}

it.each([
  { evicted: valueTag('price', 1), answer: 2, copy: 'that what was read beside it outdates does not stand in' },
  { evicted: valueTag('price', 2), answer: 1, copy: 'that what was read beside it confirms stands in' },
])('a copy $copy for an original that cannot be read', async ({ evicted, answer }) => {
  const world = new World();
  await world.read();
  await world.read();
  expect(world.engine.story()).toContain('entry-served prices hit');

  world.feed.falls();
  world.price = 2;
  await world.elsewhere.bump([evicted]);
  world.originals.isDown = true;

  expect(await world.read()).toBe(answer);
});
