import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import type { SharedStoreEvent } from '../../src/coordination/shared-store.js';
import { TextReads } from '../../src/coordination/text-reads.js';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { seal } from '../../src/entry/sealed-value.js';
import { NOBODY } from '../../src/entry/subject.js';
import { resolvePolicy } from '../../src/policy/resolve-policy.js';
import type { EntryAddress } from '../../src/storage/entry-store.js';
import { cacheInStores, entriesBeside, entriesIn } from '../../src/storage/stores.js';
import { BreakableStore } from '../support/breakable-store.js';

const DEADLINE_MS = 20;
const CACHE = resolvePolicy({
  policy: { consistency: 'strong', scope: 'shared', owner: 'tests' },
  tolerance: undefined,
  classDefaults: {},
  moduleDefaults: {},
  defaultName: 'prices',
  place: 'here',
  answersWithObservable: false,
  identityKnown: false,
  origins: new Set<string>(),
}).resolved;
const addressOf = (key = 'k'): EntryAddress => ({ policy: CACHE, subject: NOBODY, key });

function entryAt(nowMs: number, key = 'k', value: unknown = 'value'): CacheEntry {
  return {
    key: CACHE.keyPrefix + key,
    subject: undefined,
    nonce: 'n',
    loadStartMs: nowMs,
    loadEndMs: nowMs,
    asOfMs: nowMs,
    freshUntilMs: nowMs + 60_000,
    deadlineMs: nowMs + 60_000,
    snapshot: { tags: [], versions: [] },
    sealed: seal(value, []),
  };
}

/** Reads of its own, as a store has them that also keeps the versions. */
class TextsUnderTest extends TextReads {
  readonly texts = new Map<string, string>();
  readonly asked: string[] = [];
  dropped = 0;
  down = false;

  override get(location: string): Promise<string | undefined> {
    this.asked.push(location);

    return this.down ? Promise.reject(new Error('down')) : Promise.resolve(this.texts.get(location));
  }

  override distrust(): void {
    this.dropped += 1;
  }
}

describe('entries in a store that hangs', () => {
  let clock: ManualClock;
  let store: BreakableStore;
  let events: SharedStoreEvent[];
  beforeEach(() => {
    clock = new ManualClock();
    store = new BreakableStore();
    events = [];
  });
  const opened = () =>
    entriesIn(cacheInStores([store]), 'ns', clock, DEADLINE_MS, (event) => {
      events.push(event);
    });

  it('cost one deadline, not one for each read and write', async () => {
    const entries = opened();
    store.hangs();
    await entries.find(addressOf());
    store.asked.length = 0;

    expect(await entries.find(addressOf())).toMatchObject({
      state: 'unavailable',
      cause: { what: 'The store is not answering; next try in 1000 ms' },
    });
    await expect(entries.put(addressOf(), entryAt(clock.nowMs()))).rejects.toThrow('is not answering');
    expect(store.asked).toEqual([]);
  });

  it('cost a write one deadline, and the reads after it none', async () => {
    const entries = opened();
    store.hangs();

    await expect(entries.put(addressOf(), entryAt(clock.nowMs()))).rejects.toThrow('did not answer within 20 ms');
    expect(await entries.find(addressOf())).toMatchObject({ cause: { where: 'read of an entry' } });
    expect(store.asked).toEqual(['set']);
  });

  it('are found again when it answers, and both are said', async () => {
    const entries = opened();
    await entries.put(addressOf(), entryAt(clock.nowMs()));
    store.hangs();
    await entries.find(addressOf());
    store.recovers();
    clock.advance('1s');

    expect(await entries.find(addressOf())).toMatchObject({ state: 'found' });
    expect(events).toEqual([
      { type: 'store-suspended', cause: expect.objectContaining({ code: 'STORE_UNAVAILABLE' }) },
      { type: 'store-resumed', suspendedMs: 1_000 },
    ]);
  });
});

describe('entries that nobody can read', () => {
  it('are absent, and no failure of the store', async () => {
    const store = new BreakableStore();
    const entries = entriesIn(cacheInStores([store]), 'ns', new ManualClock(), DEADLINE_MS);
    for (const key of ['a', 'b', 'c', 'd']) store.kept.set(`ns:6:pricesS:${key}`, 'half of an en');

    for (const key of ['a', 'b', 'c', 'd']) expect(await entries.find(addressOf(key))).toEqual({ state: 'absent' });
  });
});

describe('entries read by way of texts', () => {
  let clock: ManualClock;
  let store: BreakableStore;
  let texts: TextsUnderTest;
  beforeEach(() => {
    clock = new ManualClock();
    store = new BreakableStore();
    texts = new TextsUnderTest();
  });
  const opened = () => entriesBeside(texts, cacheInStores([store]), 'ns', clock, DEADLINE_MS);
  /** What a write has put into the store, as text under its location. */
  const written = (): [string, string] => {
    const [[location, stored] = ['', '{}']] = [...store.kept] as [string, string][];

    return [location, (JSON.parse(stored) as { value: string }).value];
  };

  it('are written to the cache, and read from the texts under the same location', async () => {
    const entries = opened();
    await entries.put(addressOf(), entryAt(clock.nowMs()));
    texts.texts.set(...written());

    expect(await entries.find(addressOf())).toMatchObject({ state: 'found', entry: { sealed: { value: 'value' } } });
    expect(store.asked).toEqual(['set']);
    expect(await entries.find(addressOf('other'))).toEqual({ state: 'absent' });
    expect(texts.dropped).toBe(0);
  });

  it('of another key are foreign, and their connection is given up', async () => {
    const entries = opened();
    await entries.put(addressOf(), entryAt(clock.nowMs()));
    const [location, text] = written();
    texts.texts.set(location.replace(/k$/, 'other'), text);

    expect(await entries.find(addressOf('other'))).toEqual({ state: 'foreign' });
    expect(texts.dropped).toBe(1);
  });

  it('are unavailable when the texts are, which have a guard of their own', async () => {
    const entries = opened();
    texts.down = true;

    for (let read = 0; read < 5; read += 1)
      expect(await entries.find(addressOf())).toMatchObject({ state: 'unavailable' });
    expect(texts.asked).toHaveLength(5);
  });
});
