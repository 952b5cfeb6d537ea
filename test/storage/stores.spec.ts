import { describe, expect, it } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { seal } from '../../src/entry/sealed-value.js';
import { NOBODY } from '../../src/entry/subject.js';
import { resolvePolicy } from '../../src/policy/resolve-policy.js';
import type { EntryAddress, EntryStore } from '../../src/storage/entry-store.js';
import { cacheInMemory, cacheInStores, entriesIn } from '../../src/storage/stores.js';
import { BreakableStore } from '../support/breakable-store.js';

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
const OTHER_CACHE = { ...CACHE, keyPrefix: '5:other:' };
const ANN = { id: 'hash-of-ann', shortName: 'a~', tags: [] };

const addressOf = (rest: Partial<EntryAddress> = {}): EntryAddress => ({
  policy: CACHE,
  subject: NOBODY,
  key: 'k',
  ...rest,
});

function entryOf(
  value: unknown,
  { policy, subject, key }: EntryAddress,
  clock: ManualClock,
  lifeMs = 60_000,
): CacheEntry {
  const nowMs = clock.nowMs();

  return {
    key: policy.keyPrefix + (subject.id === undefined ? key : `${subject.id}|${key}`),
    subject: subject.id,
    nonce: 'n',
    loadStartMs: nowMs,
    loadEndMs: nowMs + 1,
    asOfMs: nowMs - 1,
    freshUntilMs: nowMs + lifeMs,
    deadlineMs: nowMs + lifeMs,
    snapshot: { tags: ['t'], versions: ['v'] },
    sealed: seal(value, []),
  };
}

async function keep(store: EntryStore, address: EntryAddress, entry: CacheEntry): Promise<unknown> {
  await store.put(address, entry);
  const lookup = await store.find(address);

  return lookup.state === 'found' ? lookup.entry.sealed.value : lookup.state;
}

const VALUES = { text: 'é', list: [1, null, undefined], at: new Date(5), map: new Map([[1n, undefined]]), none: NaN };

describe.each([
  ['memory', (clock: ManualClock) => entriesIn(cacheInMemory(10), 'ns', clock, 1_000)],
  ['a store of text', (clock: ManualClock) => entriesIn(cacheInStores([new BreakableStore()]), 'ns', clock, 1_000)],
  ['a Keyv', (clock: ManualClock) => entriesIn(cacheInStores([new Keyv()]), 'ns', clock, 1_000)],
  ['an existing cache-manager', (clock: ManualClock) => entriesIn(createCache(), 'ns', clock, 1_000)],
])('entries in %s', (_, made) => {
  it('come back whole', async () => {
    const clock = new ManualClock();
    const store = made(clock);
    const address = addressOf();
    const entry = entryOf(VALUES, address, clock);
    await store.put(address, entry);

    const lookup = await store.find(address);

    if (lookup.state !== 'found') throw new Error(lookup.state);
    const { key, subject, loadStartMs, loadEndMs, asOfMs, freshUntilMs, deadlineMs, snapshot, sealed } = lookup.entry;
    expect({ key, subject, loadStartMs, loadEndMs, asOfMs, freshUntilMs, deadlineMs, snapshot }).toEqual({
      key: entry.key,
      subject: undefined,
      loadStartMs: entry.loadStartMs,
      loadEndMs: entry.loadEndMs,
      asOfMs: entry.asOfMs,
      freshUntilMs: entry.freshUntilMs,
      deadlineMs: entry.deadlineMs,
      snapshot: { tags: ['t'], versions: ['v'] },
    });
    expect(sealed.value).toEqual(VALUES);
  });

  it('are absent under another key, cache or subject', async () => {
    const clock = new ManualClock();
    const store = made(clock);
    await keep(store, addressOf(), entryOf('mine', addressOf(), clock));

    for (const other of [{ key: 'kk' }, { policy: OTHER_CACHE }, { subject: ANN }]) {
      expect(await store.find(addressOf(other))).toEqual({ state: 'absent' });
    }
  });

  it('of one subject give back its key and its hash', async () => {
    const clock = new ManualClock();
    const store = made(clock);
    const address = addressOf({ subject: ANN });
    await store.put(address, entryOf('hers', address, clock));

    expect(await store.find(address)).toMatchObject({
      state: 'found',
      entry: { key: '6:pricesS:hash-of-ann|k', subject: 'hash-of-ann' },
    });
  });

  it('are replaced by later ones', async () => {
    const clock = new ManualClock();
    const store = made(clock);
    const address = addressOf();
    await keep(store, address, entryOf('old', address, clock));

    expect(await keep(store, address, entryOf('new', address, clock))).toBe('new');
  });
});

describe('memory', () => {
  it('keeps so many entries, and lets the least recently used go first', async () => {
    const clock = new ManualClock();
    const store = entriesIn(cacheInMemory(2), 'ns', clock, 1_000);
    const put = (key: string) => store.put(addressOf({ key }), entryOf(key, addressOf({ key }), clock));
    const has = async (key: string) => (await store.find(addressOf({ key }))).state;
    await put('a');
    await put('b');
    await has('a');
    await put('c');

    expect([await has('a'), await has('b'), await has('c')]).toEqual(['found', 'absent', 'found']);
  });

  it('is a store of cache-manager, too', async () => {
    const cache = cacheInMemory(2);
    await cache.set('mine', 1);

    expect(await cache.get('mine')).toBe(1);
  });
});

describe('a store behind cache-manager', () => {
  it('is told the time that is left, not the whole ttl again', async () => {
    const clock = new ManualClock();
    const asked: unknown[] = [];
    const store = new BreakableStore();
    const cache = cacheInStores([store]);
    const set = cache.set.bind(cache);
    cache.set = async (key, value, ttl) => {
      asked.push(ttl);
      return set(key, value, ttl);
    };
    const entries = entriesIn(cache, 'ns', clock, 1_000);
    const entry = entryOf('v', addressOf(), clock, 10_000);
    clock.advance('4.5s');

    await entries.put(addressOf(), entry);
    clock.advance('5.5s');
    await entries.put(addressOf(), entry);

    expect(asked).toEqual([5_500]);
    expect(store.asked).toEqual(['set']);
  });

  it('is listened to once, however many applications it serves', () => {
    const store = new Keyv();
    for (let application = 0; application < 20; application += 1) {
      entriesIn(cacheInStores([store]), 'ns', new ManualClock(), 1_000);
    }

    expect(store.listeners('error')).toHaveLength(1);
  });

  it('gives back another key: that is foreign, not absent', async () => {
    const clock = new ManualClock();
    const store = new BreakableStore();
    const entries = entriesIn(cacheInStores([store]), 'ns', clock, 1_000);
    const [mine, other] = [addressOf(), addressOf({ key: 'other' })];
    await entries.put(mine, entryOf('mine', mine, clock));
    const [[, kept] = []] = [...store.kept];
    store.kept.set('ns:6:pricesS:other', kept);

    expect(await entries.find(other)).toEqual({ state: 'foreign' });
  });

  it('that fails or hangs is unavailable, and a write to it an error', async () => {
    const clock = new ManualClock();
    const store = new BreakableStore();
    const entries = entriesIn(cacheInStores([store]), 'ns', clock, 5);
    const entry = entryOf('v', addressOf(), clock);

    for (const fails of [
      () => {
        store.breaks();
      },
      () => {
        store.hangs();
      },
    ]) {
      fails();
      expect(await entries.find(addressOf())).toMatchObject({
        state: 'unavailable',
        cause: { code: 'STORE_UNAVAILABLE' },
      });
      await expect(entries.put(addressOf(), entry)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
  });

  it('is asked in the order of cache-manager, and the first that knows answers', async () => {
    const clock = new ManualClock();
    const [near, far] = [new BreakableStore(), new BreakableStore()];
    const entries = entriesIn(cacheInStores([near, far]), 'ns', clock, 1_000);
    await entries.put(addressOf(), entryOf('v', addressOf(), clock));
    near.kept.clear();

    expect(await entries.find(addressOf())).toMatchObject({ state: 'found' });
    expect([near.asked, far.asked]).toEqual([
      ['set', 'get'],
      ['set', 'get'],
    ]);
  });
});
