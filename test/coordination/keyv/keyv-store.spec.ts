import { beforeEach, describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { supportOf } from '../../../src/consistency/level-support.js';
import { keyvStore } from '../../../src/coordination/keyv/keyv-store.js';
import type { KeyvStoreOptions } from '../../../src/coordination/keyv/keyv-store.js';
import type { SharedStoreEvent } from '../../../src/coordination/shared-store.js';
import { BreakableStore } from '../../support/breakable-store.js';

const NEVER = 'one PostgreSQL without replicas; a restore goes with an empty cache table';

describe('a shared store of Keyv stores', () => {
  let clock: ManualClock;
  let events: SharedStoreEvent[];
  let shared: BreakableStore;
  beforeEach(() => {
    clock = new ManualClock();
    events = [];
    shared = new BreakableStore();
  });

  const open = (options: Partial<KeyvStoreOptions> = {}, deadlineMs = 20) =>
    keyvStore({ stores: [shared], maxClockSkew: '500ms', ...options }).open({
      namespace: 'ns',
      deadlineMs,
      copiedTags: 1_000,
      clock,
      report: (event) => events.push(event),
    });

  it('keeps strong only when it is never restored', async () => {
    const undeclared = (await open()).capabilities;
    const declared = (await open({ neverRestored: NEVER })).capabilities;

    expect(supportOf('strong', declared, 'multi-process')).toEqual({ supported: true });
    expect(supportOf('strong', undeclared, 'multi-process')).toMatchObject({
      supported: false,
      missing: expect.stringContaining('Keyv over BreakableStore'),
    });
    expect((await open({ neverRestored: ' ' })).capabilities.has).toEqual(undeclared.has);
  });

  it.each(['linearizable', 'session'] as const)('never keeps %s', async (level) => {
    const { capabilities } = await open({ neverRestored: NEVER });

    expect(supportOf(level, capabilities, 'multi-process')).toMatchObject({ supported: false });
  });

  it('is one of several processes: an eviction in one is seen in the other', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const tags = { common: ['cprices'], own: [] };
    const snapshot = await one.versions.readOrMint(tags);
    expect(await other.versions.isCurrent(snapshot)).toBe(true);

    await other.versions.bump(['cprices']);
    expect(await one.versions.isCurrent(snapshot)).toBe(false);
  });

  it('gives entries from the nearest store, and versions from the shared one only', async () => {
    const near = new Keyv();
    const { cache, texts, versions } = await open({ stores: [near, shared] });
    const tags = { common: ['cprices'], own: [] };
    await cache.set('ns:a', 'text');
    await versions.readOrMint(tags);
    shared.asked.length = 0;

    expect(await texts.get('ns:a')).toBe('text');
    expect(shared.asked).toEqual([]);
    await versions.observe?.(tags);
    expect(shared.asked).toEqual(['get']);
    expect(await near.get('ns:v:cprices')).toBeUndefined();
    await near.clear();
    expect(await texts.get('ns:a')).toBe('text');
    expect(await texts.get('ns:b')).toBeUndefined();
  });

  it('takes the clock skew from every bound', async () => {
    const opened = await open();

    expect(opened.clock.nowMs() - opened.clock.earliestMs()).toBe(500);
  });

  it('coordinates nothing that a Keyv cannot', async () => {
    const opened = await open();

    await expect(opened.intents.announce(['a'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(opened.intents.pending(['a'])).toBe(false);
    expect(opened.leases).toBeUndefined();
    expect([opened.feed.isProven(), opened.feed.watch({ tags: [], versions: [] })]).toEqual([false, undefined]);
  });

  it('costs one deadline when it hangs, says so, and is used again when it answers', async () => {
    const { texts, versions } = await open();
    shared.hangs();
    await expect(texts.get('ns:a')).rejects.toThrow('did not answer within 20 ms');
    shared.asked.length = 0;
    await expect(versions.observe?.({ common: ['c'], own: [] })).rejects.toThrow('is not answering');
    await expect(versions.bump(['c'])).rejects.toThrow('is not answering');
    expect(shared.asked).toEqual([]);

    shared.recovers();
    clock.advance('1s');
    expect(await texts.get('ns:a')).toBeUndefined();
    expect(events).toEqual([
      { type: 'store-suspended', cause: expect.objectContaining({ code: 'STORE_UNAVAILABLE' }) },
      { type: 'store-resumed', suspendedMs: 1_000 },
    ]);
  });

  it('leaves nothing behind at start-up but which store it is, and closes nothing of the application', async () => {
    const opened = await open();
    await opened.close();

    expect([...shared.kept.keys()]).toEqual(['ns:store:']);
    expect((await open()).id).toBe(opened.id);
    expect(await new Keyv({ store: shared }).set('a', 1)).toBe(true);
  });

  describe('is refused at start-up', () => {
    it('without a store', async () => {
      await expect(open({ stores: [] })).rejects.toMatchObject({ code: 'STORE_REFUSED', where: 'keyvStore' });
    });

    it('when it fails', async () => {
      shared.breaks();

      await expect(open()).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        where: 'Keyv over BreakableStore',
        what: 'The store cannot be used',
      });
    });

    it.each([
      ['keeps nothing', () => Promise.resolve(true)],
      [
        'keeps the first it is given',
        async (key: string, value: unknown) => {
          if (!shared.kept.has(key)) shared.kept.set(key, value);

          return true;
        },
      ],
    ])('when it %s', async (_, set) => {
      shared.set = set;

      await expect(open()).rejects.toMatchObject({ what: 'The store does not keep what it is given' });
    });

    it('when it does not delete', async () => {
      shared.delete = () => Promise.resolve(true);

      await expect(open()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    });

    it('with a skew that is no duration', async () => {
      await expect(open({ maxClockSkew: -1 })).rejects.toMatchObject({ code: 'DURATION_INVALID' });
    });
  });
});
