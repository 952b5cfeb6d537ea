import { expect, it } from '@jest/globals';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { VersionStore } from '../../src/coordination/version-store.js';
import type { TagList } from '../../src/coordination/version-store.js';
import type { VersionSnapshot } from '../../src/entry/version-snapshot.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// Without versions nobody can tell what a running load is older than, so each caller loaded for itself: a store that was down
// sent the whole crowd to the origin.

class UnreadableVersions extends VersionStore {
  override readonly epoch = 'of the tests';
  isDown = true;
  private readonly kept = new InProcessVersionStore(100);

  override isCurrent(snapshot: VersionSnapshot): boolean {
    return this.kept.isCurrent(snapshot);
  }

  override readOrMint(tags: TagList): VersionSnapshot | Promise<VersionSnapshot> {
    return this.isDown ? Promise.reject(new Error('the store is down')) : this.kept.readOrMint(tags);
  }

  override bump(tags: readonly string[]): Promise<void> {
    return this.kept.bump(tags);
  }
}

class World {
  readonly versions = new UnreadableVersions();
  readonly began = new Deferred();
  readonly slow = new Deferred();
  readonly amounts: number[] = [];
  amount = 1;
  readonly price = new EngineUnderTest({ versions: this.versions }).cached(
    { name: 'prices', consistency: 'eventual', ttl: '1m' },
    async () => {
      const { amount } = this;
      this.amounts.push(amount);
      this.began.resolve();
      await this.slow.promise;
      return amount;
    },
  );
}

it('a crowd makes two loads while the versions cannot be read, and not one each', async () => {
  const { price, slow, amounts } = new World();
  const crowd = Array.from({ length: 100 }, () => price());
  slow.resolve();

  expect(new Set(await Promise.all(crowd))).toEqual(new Set([1]));
  expect(amounts).toEqual([1, 1]);
});

it('a caller shares no load that began before it came, and what was loaded meanwhile is not kept', async () => {
  const world = new World();
  const early = world.price();
  await world.began.promise;
  world.amount = 2;
  const late = world.price();
  world.slow.resolve();
  expect([await early, await late]).toEqual([1, 2]);

  world.versions.isDown = false;
  world.amount = 3;
  expect(await world.price()).toBe(3);
});
