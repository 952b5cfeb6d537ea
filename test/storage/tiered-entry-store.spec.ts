import { describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { InvalidationFeed } from '../../src/coordination/invalidation-feed.js';
import type { WatchedSnapshot } from '../../src/coordination/invalidation-feed.js';
import { WatchedCells } from '../../src/coordination/watched-cells.js';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { seal } from '../../src/entry/sealed-value.js';
import { NOBODY } from '../../src/entry/subject.js';
import type { VersionSnapshot } from '../../src/entry/version-snapshot.js';
import type { ConsistencyLevel } from '../../src/policy/consistency-level.js';
import { resolvePolicy } from '../../src/policy/resolve-policy.js';
import { EntryStore, fullKeyOf } from '../../src/storage/entry-store.js';
import type { EntryAddress, Lookup } from '../../src/storage/entry-store.js';
import { copiesInMemory } from '../../src/storage/stores.js';
import { TieredEntryStore } from '../../src/storage/tiered-entry-store.js';

const POLICY = resolvePolicy({
  policy: { consistency: 'eventual', scope: 'shared', owner: 'tests' },
  tolerance: undefined,
  classDefaults: {},
  moduleDefaults: {},
  defaultName: 'prices',
  place: 'here',
  answersWithObservable: false,
  identityKnown: false,
  origins: new Set<string>(),
}).resolved;

/** A feed that is told what it hears, and whether its silence proves anything. */
class ToldFeed extends InvalidationFeed {
  override readonly proofMs = 1_000;
  readonly cells = new WatchedCells((tag) => tag, 100);
  proven = true;
  copies = 0;

  constructor() {
    super();
    this.cells.startListening();
    this.cells.expect(['t']).learn(['v']);
  }

  override isProven(): boolean {
    return this.proven;
  }

  override watch(snapshot: VersionSnapshot): WatchedSnapshot | undefined {
    this.copies += 1;

    return this.cells.watch(snapshot);
  }
}

/** What all processes see, and how often it was asked. */
class SharedEntries extends EntryStore {
  readonly kept = new Map<string, CacheEntry>();
  asked = 0;
  isDown = false;
  beforeAnswer: () => void = () => undefined;

  override async find(address: EntryAddress): Promise<Lookup> {
    this.asked += 1;
    await Promise.resolve();
    this.beforeAnswer();
    if (this.isDown) return { state: 'unavailable', cause: new Error('down') };
    const entry = this.kept.get(fullKeyOf(address));

    return entry === undefined ? { state: 'absent' } : { state: 'found', entry };
  }

  override put(address: EntryAddress, entry: CacheEntry): Promise<void> {
    if (this.isDown) return Promise.reject(new Error('down'));
    this.kept.set(fullKeyOf(address), entry);

    return Promise.resolve();
  }
}

function tiers() {
  const clock = new ManualClock();
  const feed = new ToldFeed();
  const shared = new SharedEntries();
  const store = new TieredEntryStore(copiesInMemory(10), shared, feed, clock);
  const addressAt = (consistency: ConsistencyLevel, key = 'k'): EntryAddress => ({
    policy: { ...POLICY, consistency, keyPrefix: `${consistency}:` },
    subject: NOBODY,
    key,
  });
  const entryAt = (address: EntryAddress, value = 'loaded', version = 'v'): CacheEntry => ({
    key: fullKeyOf(address),
    subject: undefined,
    nonce: 'n',
    loadStartMs: clock.nowMs(),
    loadEndMs: clock.nowMs() + 2,
    asOfMs: clock.nowMs() - 3,
    freshUntilMs: clock.nowMs() + 5_000,
    deadlineMs: clock.nowMs() + 9_000,
    snapshot: { tags: ['t'], versions: [version] },
    sealed: seal(value, []),
  });

  return { clock, feed, shared, store, addressAt, entryAt };
}

function valueIn(lookup: Lookup): unknown {
  return lookup.state === 'found' ? lookup.entry.sealed.value : lookup.state;
}

const ADDRESS = tiers().addressAt('eventual');

describe('a copy that is proven', () => {
  it.each(['bounded', 'eventual', 'immutable'] as const)('answers at once under %s, without the store', (level) => {
    const { store, shared, addressAt, entryAt } = tiers();
    const address = addressAt(level);
    void store.put(address, entryAt(address));

    const lookup = store.find(address);

    expect(lookup).not.toBeInstanceOf(Promise);
    expect(valueIn(lookup as Lookup)).toBe('loaded');
    expect(shared.asked).toBe(0);
  });

  it.each(['strong', 'session', 'linearizable'] as const)(
    'is not enough under %s: its versions are to be asked for, and then the store',
    async (level) => {
      const { store, clock, feed, shared, addressAt, entryAt } = tiers();
      const address = addressAt(level);
      await store.put(address, entryAt(address));

      expect(await store.find(address)).toMatchObject({ state: 'copied', entry: { sealed: { value: 'loaded' } } });
      expect(feed.copies).toBe(0);

      shared.kept.set(fullKeyOf(address), entryAt(address, 'anew'));
      expect(valueIn(await store.findShared(address))).toBe('anew');
      expect(valueIn(await store.find(address))).toBe('anew');

      store.keepCopy(address, entryAt(address));
      clock.advance('5s');
      expect(valueIn(await store.find(address))).toBe('anew');
    },
  );

  it("keeps the entry's own instants", async () => {
    const { store, clock, entryAt } = tiers();
    const entry = entryAt(ADDRESS);
    clock.advance('1s');
    store.keepCopy(ADDRESS, entry);

    const { asOfMs, loadStartMs, loadEndMs, freshUntilMs, deadlineMs } = entry;
    expect(await store.find(ADDRESS)).toMatchObject({
      entry: { key: entry.key, nonce: 'n', asOfMs, loadStartMs, loadEndMs, freshUntilMs, deadlineMs },
    });
  });

  it('is made of what the shared store gave, and not of itself again', () => {
    const { store, shared, entryAt } = tiers();
    store.keepCopy(ADDRESS, entryAt(ADDRESS));
    const copy = store.find(ADDRESS) as Extract<Lookup, { state: 'found' }>;
    store.keepCopy(ADDRESS, copy.entry);

    expect((store.find(ADDRESS) as typeof copy).entry).toBe(copy.entry);
    expect(shared.asked).toBe(0);
  });

  it('is made only of an entry whose versions are known to be current', async () => {
    const { store, shared, entryAt } = tiers();
    store.keepCopy(ADDRESS, entryAt(ADDRESS, 'old', 'another version'));

    expect(valueIn(await store.find(ADDRESS))).toBe('absent');
    expect(shared.asked).toBe(1);
  });

  it('is never made under the address of another key or subject', async () => {
    const { store, addressAt, entryAt } = tiers();
    const other = addressAt('eventual', 'other');
    store.keepCopy(other, entryAt(ADDRESS));
    store.keepCopy(ADDRESS, { ...entryAt(ADDRESS), subject: 'somebody' });

    expect(valueIn(await store.find(other))).toBe('absent');
    expect(valueIn(await store.find(ADDRESS))).toBe('absent');
  });
});

describe('a copy that may be outdated', () => {
  it('does not answer once its tag was heard of', async () => {
    const { store, feed, shared, entryAt } = tiers();
    await store.put(ADDRESS, entryAt(ADDRESS));
    shared.kept.clear();

    feed.cells.heardOf('t');

    expect(valueIn(await store.find(ADDRESS))).toBe('absent');
  });

  it('lets the store answer while silence proves nothing', async () => {
    const { store, feed, shared, entryAt } = tiers();
    await store.put(ADDRESS, entryAt(ADDRESS));
    shared.kept.set(fullKeyOf(ADDRESS), entryAt(ADDRESS, 'newer'));

    feed.proven = false;
    expect(valueIn(await store.find(ADDRESS))).toBe('newer');
    feed.proven = true;
    expect(valueIn(await store.find(ADDRESS))).toBe('loaded');
  });

  it('lets the store answer from the moment it is stale, because another process may have loaded it anew', async () => {
    const { store, shared, clock, entryAt } = tiers();
    await store.put(ADDRESS, entryAt(ADDRESS));
    shared.kept.set(fullKeyOf(ADDRESS), entryAt(ADDRESS, 'newer'));

    clock.advance('4999ms');
    expect(valueIn(await store.find(ADDRESS))).toBe('loaded');
    clock.advance('1ms');
    expect(valueIn(await store.find(ADDRESS))).toBe('newer');
  });
});

describe('while the shared store is unavailable', () => {
  it('a copy stands in that nothing is known to have evicted', async () => {
    const { store, feed, shared, entryAt } = tiers();
    await store.put(ADDRESS, entryAt(ADDRESS));

    [feed.proven, shared.isDown] = [false, true];

    expect(valueIn(await store.find(ADDRESS))).toBe('loaded');
  });

  it('a copy that is known to be evicted does not, however late that is heard', async () => {
    const { store, feed, shared, entryAt } = tiers();
    await store.put(ADDRESS, entryAt(ADDRESS));
    [feed.proven, shared.isDown] = [false, true];

    shared.beforeAnswer = () => {
      feed.cells.heardOf('t');
    };

    expect(valueIn(await store.find(ADDRESS))).toBe('unavailable');
  });

  it('a stale copy is still found, for whoever may answer with it when the origin fails', async () => {
    const { store, shared, clock, entryAt } = tiers();
    await store.put(ADDRESS, entryAt(ADDRESS));
    shared.isDown = true;

    clock.advance('6s');

    expect(valueIn(await store.find(ADDRESS))).toBe('loaded');
  });

  it('a write fails as it would without copies', async () => {
    const { store, shared, entryAt } = tiers();
    shared.isDown = true;

    await expect(store.put(ADDRESS, entryAt(ADDRESS))).rejects.toThrow('down');
  });
});
