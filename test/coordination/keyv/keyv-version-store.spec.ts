import { beforeEach, describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { KeyvLink } from '../../../src/coordination/keyv/keyv-link.js';
import { KeyvVersionStore } from '../../../src/coordination/keyv/keyv-version-store.js';
import { StoreGuard } from '../../../src/resilience/store-guard.js';
import { RedisLikeStore } from '../../cases/stores.js';
import { itKeepsVersions } from '../../contracts/version-store.contract.js';
import { BreakableStore } from '../../support/breakable-store.js';
import { Deferred } from '../../support/deferred.js';

const TAGS = { common: ['cprices'], own: ['v7:product:1', 'v7:product:2'] };
const DAY_MS = 24 * 3_600_000;

/** A store that answers many keys in one call, and counts the calls. */
class StoreOfMany extends RedisLikeStore {
  readonly asked: string[] = [];

  override async get<Value>(key: string): Promise<Value | undefined> {
    this.asked.push('get');

    return super.get<Value>(key);
  }

  async getMany<Value>(keys: string[]): Promise<(Value | undefined)[]> {
    this.asked.push('getMany');

    return Promise.all(keys.map((key) => super.get<Value>(key)));
  }
}

function linkTo(keyv: Keyv, deadlineMs = 10_000): KeyvLink {
  keyv.throwOnErrors = true;
  keyv.on('error', () => undefined);

  return new KeyvLink([], keyv, new StoreGuard({ deadlineMs, retryAfterMs: 1_000, clock: new ManualClock() }));
}

/** The versions as one process sees them; each call is another process. */
const versionsIn = (store: RedisLikeStore | BreakableStore, deadlineMs?: number) =>
  new KeyvVersionStore(linkTo(new Keyv({ store, useKeyPrefix: false }), deadlineMs), 'ns');

describe.each([
  ['that answers one key at a time', () => new BreakableStore()],
  ['that answers many keys at once', () => new StoreOfMany()],
])('a Keyv store %s', (name, made) => {
  itKeepsVersions(`a Keyv store ${name}`, () => {
    const store = made();

    return Promise.resolve({ store: versionsIn(store), other: versionsIn(store), close: () => Promise.resolve() });
  });
});

describe('versions in a Keyv store', () => {
  let kept: RedisLikeStore;
  beforeEach(() => {
    kept = new RedisLikeStore();
  });

  it('are asked for in one call where the store can', async () => {
    const store = new StoreOfMany();
    const versions = versionsIn(store);
    const snapshot = await versions.readOrMint(TAGS);
    store.asked.length = 0;

    const observed = await versions.observe(TAGS);
    expect(versions.isCurrent(snapshot, observed)).toBe(true);
    expect(await versions.readOrMint(TAGS, observed)).toEqual(snapshot);
    expect(store.asked).toEqual(['getMany']);
  });

  it('are asked for only as far as nobody has observed them', async () => {
    const store = new StoreOfMany();
    const versions = versionsIn(store);
    const snapshot = await versions.readOrMint(TAGS);
    const observed = await versions.observe({ common: [], own: [TAGS.own[0] ?? ''] });
    store.asked.length = 0;
    const outdated = { ...snapshot, versions: snapshot.versions.map((version) => `${version}x`) };

    expect(versions.isCurrent(outdated, observed)).toBe(false);
    expect(store.asked).toEqual([]);
    expect(await versions.isCurrent(snapshot, observed)).toBe(true);
    expect(store.asked).toEqual(['getMany']);
  });

  it('have their form, and none is drawn twice', async () => {
    const versions = versionsIn(kept);
    const first = await versions.readOrMint(TAGS);
    await versions.bump([...TAGS.common, ...TAGS.own]);
    const second = await versions.readOrMint(TAGS);

    for (const version of [...first.versions, ...second.versions]) expect(version).toMatch(/^keyv\.\w+\.[\w-]{12}$/);
    expect(new Set([...first.versions, ...second.versions]).size).toBe(6);
  });

  it('are kept for ever where all entries of a cache carry them, and for a week where a few do', async () => {
    const keyv = new Keyv({ store: kept, useKeyPrefix: false, ttl: 1_000 });
    await new KeyvVersionStore(linkTo(keyv), 'ns').readOrMint(TAGS);

    expect(Object.fromEntries(kept.ttls)).toEqual({
      'ns:v:cprices': undefined,
      'ns:v:v7:product:1': 7 * DAY_MS,
      'ns:v:v7:product:2': 7 * DAY_MS,
    });
  });

  it.each([
    ['of another program', JSON.stringify({ value: 'theirs' })],
    ['that is no JSON', 'theirs'],
    ['that is no text', JSON.stringify({ value: 5 })],
  ])('%s count as none, and are replaced', async (_, theirs) => {
    kept.kept.set('ns:v:cprices', Buffer.from(theirs));
    const versions = versionsIn(kept);
    const tags = { common: ['cprices'], own: [] };

    expect(await versions.observe(tags)).toEqual({ tags: ['cprices'], versions: [undefined] });
    expect(await versions.isCurrent({ tags: ['cprices'], versions: ['theirs'] })).toBe(false);
    expect(await versions.isCurrent(await versions.readOrMint(tags))).toBe(true);
  });

  it('that the store takes and does not keep are neither minted nor evicted', async () => {
    const versions = versionsIn(kept);
    await versions.readOrMint(TAGS);
    kept.set = () => Promise.resolve(true);

    await expect(versions.bump(['cprices'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', where: 'eviction' });
    await expect(versions.bump(['v7:product:9'])).rejects.toMatchObject({ where: 'eviction' });
    await expect(versions.readOrMint({ common: [], own: ['v7:product:9'] })).rejects.toMatchObject({
      where: 'mint of a version',
    });
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ])('are not confirmed as replaced by a read %s that hides its failure', async (_, hidden) => {
    const versions = versionsIn(kept);
    await versions.readOrMint(TAGS);
    kept.set = () => Promise.resolve(true);
    const get = kept.get.bind(kept);
    let reads = 0;
    kept.get = (key) => {
      reads += 1;

      return reads % 2 === 1 - hidden ? Promise.resolve(undefined) : get(key);
    };

    await expect(versions.bump(['cprices'])).rejects.toMatchObject({ where: 'eviction' });
  });

  it('are replaced at the second attempt, by a fresh one, when the first was lost', async () => {
    const versions = versionsIn(kept);
    const before = await versions.readOrMint(TAGS);
    const sent: unknown[] = [];
    const set = kept.set.bind(kept);
    kept.set = (key, value, ttl) => {
      sent.push(value);

      return sent.length === 1 ? Promise.resolve(true) : set(key, value, ttl);
    };
    await versions.bump(['cprices']);

    expect(new Set(sent).size).toBe(2);
    expect(await versions.isCurrent(before)).toBe(false);
  });

  it('are confirmed as replaced when it was somebody else who did', async () => {
    const versions = versionsIn(kept);
    await versions.readOrMint(TAGS);
    const sent: string[] = [];
    const set = kept.set.bind(kept);
    kept.set = async (key, value, ttl) => {
      sent.push(key);
      await set(key, value, ttl);

      return set(key, JSON.stringify({ value: `keyv.0.${sent.length}` }), ttl);
    };
    await versions.bump(['cprices']);

    expect(sent).toEqual(['ns:v:cprices']);
  });

  it('that cannot be read are no versions that are missing', async () => {
    const broken = new BreakableStore();
    broken.breaks();

    await expect(versionsIn(broken).observe(TAGS)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('are not waited for longer than the deadline, and what lands late outdates and revives nothing', async () => {
    const versions = versionsIn(kept, 20);
    const old = await versions.readOrMint(TAGS);
    await versions.bump(['cprices']);
    const present = await versions.readOrMint(TAGS);
    const gate = new Deferred();
    const set = kept.set.bind(kept);
    kept.set = async (key, value, ttl) => {
      await gate.promise;

      return set(key, value, ttl);
    };
    await expect(versions.bump(['cprices'])).rejects.toThrow('did not answer within 20 ms');
    gate.resolve();
    const elsewhere = versionsIn(kept);
    while (await elsewhere.isCurrent(present));

    expect(await elsewhere.isCurrent(old)).toBe(false);
  });
});

describe('a Keyv store that gave the entry of another key', () => {
  it('is left alone for a while, and what was in flight is not answered', async () => {
    const [keyv, gate] = [new Keyv(), new Deferred<string>()];
    keyv.get = (() => gate.promise) as unknown as typeof keyv.get;
    const link = linkTo(keyv);
    const underWay = link.get('ns:a');
    const versions = link.getShared(['ns:v:a']);
    link.distrust();
    gate.resolve('whose?');

    await expect(underWay).rejects.toThrow('gave the entry of another key');
    await expect(versions).rejects.toThrow('gave the entry of another key');
    await expect(link.get('ns:a')).rejects.toThrow('is not answering; next try in 1000 ms');
  });
});
