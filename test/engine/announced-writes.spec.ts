import { describe, expect, it } from '@jest/globals';
import { InProcessWriteIntents } from '../../src/coordination/in-process/in-process-write-intents.js';
import { InProcessVersionStore } from '../../src/coordination/in-process/in-process-version-store.js';
import { WriteIntents } from '../../src/coordination/write-intents.js';
import type { Announcement } from '../../src/coordination/write-intents.js';
import { EvictionFailedError, WriteRefusedError } from '../../src/engine/eviction.js';
import type { EvictPolicy } from '../../src/policy/evict-policy.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const FAMILY = { permission: () => 'ann' };

/** Announced writes over a store that can be made to fail, with a log of what was asked of it. */
class FaultyIntents extends WriteIntents {
  private readonly kept = new InProcessWriteIntents();
  fails: 'never' | 'to announce' | 'to confirm' | 'to say' = 'never';
  loses = false;
  /** How long the store takes to end an announcement. */
  endsAfter: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: string[]) {
    super();
  }

  override async announce(tags: readonly string[]): Promise<Announcement> {
    this.log.push('announce');
    if (this.fails === 'to announce') throw new Error('the store is down');
    const kept = await this.kept.announce(tags);
    const lost = (): boolean => this.loses;

    return {
      confirm: () => {
        this.log.push('confirm');
        return this.fails === 'to confirm' ? Promise.reject(new Error('the lease is over')) : kept.confirm();
      },
      get lost() {
        return lost();
      },
      withdraw: async () => {
        this.log.push('withdraw');
        await this.endsAfter;
        return kept.withdraw();
      },
      abandon: () => {
        this.log.push('abandon');
        kept.abandon();
      },
    };
  }

  override pending(tags: readonly string[]): boolean | Promise<boolean> {
    return this.fails === 'to say' ? Promise.reject(new Error('the store is down')) : this.kept.pending(tags);
  }
}

class LoggedVersions extends InProcessVersionStore {
  failsFrom = Infinity;
  private bumps = 0;

  constructor(private readonly log: string[]) {
    super(100);
  }

  override bump(tags: readonly string[]): Promise<void> {
    this.bumps += 1;
    this.log.push('bump');

    return this.bumps >= this.failsFrom ? Promise.reject(new Error('the store is down')) : super.bump(tags);
  }
}

class World {
  readonly log: string[] = [];
  readonly intents = new FaultyIntents(this.log);
  readonly versions = new LoggedVersions(this.log);
  readonly engine = new EngineUnderTest({ intents: this.intents, versions: this.versions });
  private source = 1;
  readonly read = this.engine.cached({ name: 'permissions', consistency: 'linearizable', tags: FAMILY }, async () =>
    Promise.resolve(this.source),
  );

  write(policy: Partial<EvictPolicy<[], number>> = {}, meanwhile: () => Promise<unknown> = () => Promise.resolve()) {
    return this.engine.writing({ tags: FAMILY, ...policy }, async () => {
      this.log.push('method');
      this.source += 1;
      await meanwhile();
      return this.source;
    })();
  }
}

describe('a write of a linearizable cache', () => {
  it('is announced and outdates before it may commit, and outdates again before it ends', async () => {
    const world = new World();
    await world.write();

    expect(world.log).toEqual(['announce', 'bump', 'confirm', 'method', 'bump', 'withdraw']);
  });

  it('is seen by reads while it runs, which store nothing, and what they store afterwards is valid', async () => {
    const world = new World();
    await world.read();
    await world.write({}, async () => {
      expect([await world.read(), await world.read()]).toEqual([2, 2]);
    });
    expect([await world.read(), await world.read()]).toEqual([2, 2]);

    expect(world.engine.story().filter((line) => line.startsWith('load-') || line.startsWith('entry-served'))).toEqual([
      'load-finished permissions stored',
      'load-finished permissions write-announced',
      'load-finished permissions write-announced',
      'load-finished permissions stored',
      'entry-served permissions hit',
    ]);
  });

  it.each(['to announce', 'to confirm'] as const)(
    'is refused when the store fails %s: nothing was touched',
    async (fails) => {
      const world = new World();
      world.intents.fails = fails;

      await expect(world.write()).rejects.toThrow(WriteRefusedError);
      expect(world.log).not.toContain('method');
      expect(world.engine.story()).toContain('write-refused write');
      expect(await world.intents.pending(['v10:permission:ann'])).toBe(false);
    },
  );

  it('is refused when the first bump cannot be confirmed, and its announcement ends', async () => {
    const world = new World();
    world.versions.failsFrom = 1;

    await expect(world.write()).rejects.toThrow(WriteRefusedError);
    expect(world.log).toEqual(['announce', 'bump', 'withdraw']);
  });

  it('goes on without an announcement when that is declared, and says so', async () => {
    const world = new World();
    world.intents.fails = 'to announce';

    expect(await world.write({ degrade: { because: 'a late revocation beats none' } })).toBe(2);
    expect(world.engine.story()).toContain('write-degraded write');
    expect(world.engine.metrics.evictionFigures()).toMatchObject({ degraded: 1, refused: 0 });
  });

  it('that goes on without an announcement, and cannot evict either, says so to its caller', async () => {
    const world = new World();
    world.intents.fails = 'to announce';
    world.versions.failsFrom = 1;

    await expect(world.write({ degrade: { because: 'a test' } })).rejects.toThrow(EvictionFailedError);
  });

  it('outdates, and leaves its announcement to its lease, when the method fails, whose own error is heard', async () => {
    const world = new World();
    const failing = world.write({}, () => Promise.reject(new Error('constraint violated')));

    await expect(failing).rejects.toThrow('constraint violated');
    expect(world.log).toEqual(['announce', 'bump', 'confirm', 'method', 'bump', 'abandon']);
    expect(await world.read()).toBe(2);
  });

  it('tells its caller when the second bump fails: a strong cache under its tags may have stored the old value', async () => {
    const world = new World();
    const menu = world.engine.cached({ name: 'menus', consistency: 'strong', tags: FAMILY }, () => world.read());
    world.versions.failsFrom = 2;

    await expect(world.write({}, menu)).rejects.toThrow(EvictionFailedError);
    expect(world.log).toEqual(['announce', 'bump', 'confirm', 'method', 'bump', 'withdraw']);
  });

  it('does not keep the other evictions of its method from being tried when its own fails', async () => {
    const world = new World();
    world.engine.cached({ name: 'orders', consistency: 'strong', tags: { order: () => 1 } }, () => Promise.resolve(1));
    world.versions.failsFrom = 2;
    const both = world.engine.writingAll([{ tags: FAMILY }, { tags: { order: () => 1 } }], () =>
      Promise.resolve('written'),
    );

    await expect(both()).rejects.toThrow(EvictionFailedError);
    expect(world.engine.story().filter((line) => line.startsWith('eviction-failed'))).toHaveLength(2);
  });

  it('tells its caller when the announcement was lost and the second bump fails', async () => {
    const world = new World();
    world.versions.failsFrom = 2;
    world.intents.loses = true;

    await expect(world.write()).rejects.toThrow(EvictionFailedError);
    expect(world.engine.story()).toContain('intent-lost write');
  });

  it('is assumed where announcements cannot be looked for: reads are answered, and store nothing', async () => {
    const world = new World();
    world.intents.fails = 'to say';

    expect([await world.read(), await world.read()]).toEqual([1, 1]);
    expect(world.engine.metrics.figuresOf('permissions')).toMatchObject({ loads: 2, hit: 0, storeErrors: 2 });
  });
});

it('a write of caches at other levels is not announced', async () => {
  const log: string[] = [];
  const engine = new EngineUnderTest({ intents: new FaultyIntents(log), versions: new LoggedVersions(log) });
  engine.cached({ name: 'stock', consistency: 'strong', tags: FAMILY }, () => Promise.resolve(1));
  await engine.writing({ tags: FAMILY }, () => Promise.resolve())();

  expect(log).toEqual(['bump']);
});
