import { describe, expect, it } from '@jest/globals';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import type { Announcement } from '../../src/coordination/write-intents.js';
import { EvictionFailedError } from '../../src/engine/eviction.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// An announced write evicts before its method and after it. The second eviction was taken for a formality: linearizable reads
// are safe without it, but its family may have strong caches as well, which do not look for announcements.

const PERMISSION = { permission: () => 'ann' };

/** Fails to evict some tags from some time on. */
class FailingVersions extends InProcessVersionStore {
  fails: (tags: readonly string[]) => boolean = () => false;

  constructor() {
    super(100);
  }

  override bump(tags: readonly string[]): Promise<void> {
    return this.fails(tags) ? Promise.reject(new Error('the store is down')) : super.bump(tags);
  }
}

/** Takes as long as the test likes to end an announcement. */
class SlowIntents extends InProcessWriteIntents {
  endsAfter: Promise<unknown> = Promise.resolve();

  override async announce(tags: readonly string[]): Promise<Announcement> {
    const announced = await super.announce(tags);

    return { ...announced, withdraw: () => this.endsAfter.then(() => announced.withdraw()) };
  }
}

class World {
  readonly versions = new FailingVersions();
  readonly intents = new SlowIntents();
  readonly engine = new EngineUnderTest({ versions: this.versions, intents: this.intents });
  source = 1;
  readonly permissions = this.engine.cached(
    { name: 'permissions', consistency: 'linearizable', tags: PERMISSION },
    async () => this.source,
  );

  /** A strong cache. */
  menu(tags: Readonly<Record<string, () => string>>): () => Promise<number> {
    return this.engine.cached({ name: 'menus', consistency: 'strong', tags }, async () => this.source);
  }
}

describe('when the second eviction of an announced write fails', () => {
  it('the writer is told: a strong cache may have stored the old value since the first', async () => {
    const world = new World();
    const menu = world.menu(PERMISSION);
    const write = world.engine.writing({ tags: PERMISSION }, async () => {
      await menu();
      world.versions.fails = () => true;
      world.source = 2;
    });

    await expect(write()).rejects.toThrow(EvictionFailedError);
    expect([await menu(), await world.permissions()]).toEqual([1, 2]);
  });

  it('the other evictions of the method are tried all the same', async () => {
    const world = new World();
    const menu = world.menu({ menu: () => 'ann' });
    const write = world.engine.writingAll([{ tags: PERMISSION }, { tags: { menu: () => 'ann' } }], async () => {
      world.versions.fails = (tags) => tags.some((tag) => tag.includes('permission'));
      world.source = 2;
    });
    await menu();

    await expect(write()).rejects.toThrow(EvictionFailedError);
    expect(await menu()).toBe(2);
  });

  it('no rejection goes unheard while the end of the announcement is awaited: Node would end the process', async () => {
    const world = new World();
    const end = new Deferred();
    const failed = new Deferred();
    world.intents.endsAfter = end.promise;
    world.engine.events.subscribe(({ type }) => {
      if (type === 'eviction-failed') failed.resolve();
    });
    const write = world.engine.writing({ tags: PERMISSION }, async () => {
      world.versions.fails = () => true;
    });
    const written = write();
    await failed.promise;
    // Jest fails the test in which Node reports such a rejection, which it does before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    end.resolve();

    await expect(written).rejects.toThrow(EvictionFailedError);
  });
});
