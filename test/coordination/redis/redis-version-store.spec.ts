import { beforeEach, describe, expect, it } from '@jest/globals';
import { versionKey } from '../../../src/coordination/redis/redis-keys.js';
import { RedisVersionStore } from '../../../src/coordination/redis/redis-version-store.js';
import type { SharedStoreEvent } from '../../../src/coordination/shared-store.js';
import { ScriptedLink } from './scripted-link.js';

const COMMON = ['fproduct'];
const TAGS = { common: COMMON, own: ['v7:product:1'] };
const ALL = [...COMMON, ...TAGS.own];

let link: ScriptedLink;
let told: SharedStoreEvent[];
let heard: string[];
let store: RedisVersionStore;

beforeEach(() => {
  link = new ScriptedLink();
  told = [];
  heard = [];
  const watch = {
    expect: (tags: readonly string[]) => {
      heard.push(`expect ${tags.join()}`);
      return { learn: (versions: readonly unknown[]) => void heard.push(`learn ${versions.join()}`) };
    },
    forget: (tags: readonly string[]) => void heard.push(`forget ${tags.join()}`),
  };
  store = new RedisVersionStore(link, 'shop', (event) => told.push(event), { watch });
});

const failing = () => {
  link.reply = () => {
    throw new Error('the server is away');
  };
};
const settled = async () => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};

describe('reading versions', () => {
  it('asks for all tags in the tick of the call', () => {
    const asked: string[] = [];
    link.get = (key) => {
      asked.push(key);
      return Promise.resolve({ value: undefined, epoch: 'epoch-1' });
    };
    void store.observe(TAGS);

    expect(asked).toEqual(ALL.map((tag) => versionKey('shop', tag)));
  });

  it('needs no further command where everything was observed', async () => {
    await store.readOrMint(TAGS);
    const observed = await store.observe(TAGS);
    link.sent.length = 0;

    const snapshot = store.readOrMint(TAGS, observed);
    expect(snapshot).not.toBeInstanceOf(Promise);
    expect(store.isCurrent(await snapshot, observed)).toBe(true);
    expect(link.sent).toEqual([]);
  });

  it('asks only for what an entry inherited from the reads in its load', async () => {
    const inner = await store.readOrMint({ common: [], own: ['v5:stock:1'] });
    const own = await store.readOrMint(TAGS);
    const observed = await store.observe(TAGS);
    link.sent.length = 0;

    const merged = { tags: [...inner.tags, ...own.tags], versions: [...inner.versions, ...own.versions] };
    expect(await store.isCurrent(merged, observed)).toBe(true);
    expect(link.sent).toEqual([['GET', versionKey('shop', 'v5:stock:1')]]);
  });

  it('does not take the observation of other tags for its own', async () => {
    await store.readOrMint(TAGS);
    const observed = await store.observe({ common: [], own: ['v7:product:2'] });

    const snapshot = await store.readOrMint(TAGS, observed);
    expect(snapshot.tags).toEqual(ALL);
    expect(await store.isCurrent(snapshot)).toBe(true);
  });

  it('leaves a rejection that nobody waits for unnoticed', async () => {
    failing();

    void store.observe(TAGS);
    await settled();
  });

  it('tells before it asks, and when it knows', async () => {
    const { versions } = await store.readOrMint(TAGS);
    const [common = '', own = ''] = versions;
    expect(heard).toEqual([`expect ${ALL.join()}`, 'learn ,', `expect ${ALL.join()}`, `learn ${common},${own}`]);

    heard.length = 0;
    link.keys.delete(versionKey('shop', 'v7:product:1'));
    const observed = await store.observe(TAGS);
    const minted = await store.readOrMint(TAGS, observed);
    // Of what was observed earlier nothing is learnt later: a change in between would go unnoticed.
    expect(heard).toEqual([
      `expect ${ALL.join()}`,
      `learn ${common},`,
      'expect v7:product:1',
      `learn ${minted.versions[1] ?? ''}`,
    ]);
  });
});

describe('writing versions', () => {
  it('gives an end to those of one thing, none to those of families', async () => {
    await store.readOrMint(TAGS);
    await store.bump(ALL);

    const ends = link.sent.filter(([name]) => name === 'SET').map((command) => [command[1], command.includes('PX')]);
    const once = [
      [versionKey('shop', 'fproduct'), false],
      [versionKey('shop', 'v7:product:1'), true],
    ];
    expect(ends).toEqual([...once, ...once]);
  });

  it('never sends one version twice', async () => {
    const versions = () => link.sent.filter(([name]) => name === 'SET').map(([, , version]) => version);
    const forgetful = (command: readonly string[]) => (command[0] === 'GET' ? null : 'OK');
    link.reply = forgetful;

    await expect(store.bump(['v7:product:1'])).rejects.toThrow('gave back another version');
    link.probe();
    await settled();

    expect(versions().length).toBeGreaterThan(4);
    expect(new Set(versions()).size).toBe(versions().length);
  });

  it('confirms each of many evictions of one tag in one tick', async () => {
    await Promise.all(Array.from({ length: 64 }, () => store.bump(['fproduct'])));

    expect(link.sent.filter(([name]) => name === 'SET')).toHaveLength(64);
  });

  it('takes nothing but its own version for a confirmation', async () => {
    await store.readOrMint(TAGS);
    link.reply = (command) => (command[0] === 'GET' ? link.carryOut(command) : 'OK');

    await expect(store.bump(['fproduct'])).rejects.toThrow('gave back another version');
  });

  it('does not believe a reply of another server process', async () => {
    link.reply = (command) => {
      const reply = link.carryOut(command);
      if (command[0] === 'SET') link.epoch = `${link.epoch ?? ''}+`;
      return reply;
    };

    await expect(store.bump(['fproduct'])).rejects.toThrow('gave back another version');
    await expect(async () => store.readOrMint(TAGS)).rejects.toThrow('gave back another version');
  });

  it('writes nothing while the epoch is unknown', async () => {
    link.epoch = undefined;

    await expect(store.bump(['fproduct'])).rejects.toThrow('is not connected');
    expect(link.sent).toEqual([]);
  });

  it('tells of an eviction before its writer hears of it', async () => {
    await store.bump(ALL).then(() => heard.push('acknowledged'));

    expect(heard).toEqual([`forget ${ALL.join()}`, 'acknowledged']);
  });

  it('replaces a version of another epoch', async () => {
    const before = await store.readOrMint(TAGS);
    link.epoch = 'epoch-2';

    expect(await store.isCurrent(before)).toBe(false);
    const after = await store.readOrMint(TAGS);
    expect(after.versions.every((version) => version.startsWith('epoch-2.'))).toBe(true);
    expect(await store.isCurrent(after)).toBe(true);
  });
});

describe('an eviction that could not be confirmed', () => {
  it('is owed, told to the writer, and outdates copies', async () => {
    failing();

    await expect(store.bump(ALL)).rejects.toThrow('the server is away');
    expect(told).toEqual([{ type: 'eviction-owed', tags: ALL }]);
    expect(heard).toEqual([`forget ${ALL.join()}`]);
  });

  it('owes only what failed', async () => {
    link.reply = (command) => {
      if (command[1] === versionKey('shop', 'fproduct')) throw new Error('that node is away');
      return link.carryOut(command);
    };

    await expect(store.bump(ALL)).rejects.toThrow('that node is away');
    expect(told).toEqual([{ type: 'eviction-owed', tags: ['fproduct'] }]);
  });

  it('keeps entries under its tags from being current in this process', async () => {
    const snapshot = await store.readOrMint(TAGS);
    const observed = await store.observe(TAGS);
    failing();
    await expect(store.bump(TAGS.own)).rejects.toThrow();
    link.reply = undefined;

    expect(store.isCurrent(snapshot)).toBe(false);
    expect(store.isCurrent(snapshot, observed)).toBe(false);
    expect((await store.observe(TAGS)).versions).toEqual([snapshot.versions[0], undefined]);
  });

  it('is tried again at each probe until it is confirmed', async () => {
    const snapshot = await store.readOrMint(TAGS);
    failing();
    await expect(store.bump(TAGS.own)).rejects.toThrow();
    link.probe();
    await settled();
    expect(told).toHaveLength(1);

    link.reply = undefined;
    link.probe();
    await settled();

    expect(told.slice(1)).toEqual([{ type: 'eviction-settled', tags: TAGS.own }]);
    expect(await store.isCurrent(snapshot)).toBe(false);
    expect(await store.isCurrent(await store.readOrMint(TAGS))).toBe(true);
  });

  it('listens for no probe longer than it owes', async () => {
    const idle = link.listeners;
    failing();
    await expect(store.bump(ALL)).rejects.toThrow();
    expect(link.listeners).toBe(idle + 1);

    link.reply = undefined;
    link.probe();
    await settled();

    expect(link.listeners).toBe(idle);
  });

  it('is paid by the next load, which replaces what it finds', async () => {
    const before = await store.readOrMint(TAGS);
    const observed = await store.observe(TAGS);
    failing();
    await expect(store.bump(TAGS.own)).rejects.toThrow();
    link.reply = undefined;

    const after = await store.readOrMint(TAGS, observed);

    expect(after.versions[1]).not.toBe(before.versions[1]);
    expect(told.at(-1)).toEqual({ type: 'eviction-settled', tags: TAGS.own });
    expect(await store.isCurrent(after)).toBe(true);
  });

  it('is not paid by an eviction that was under way before', async () => {
    let answer: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => (answer = resolve));
    const send = link.send.bind(link);
    link.send = async (key, command) => {
      const sent = await send(key, command);
      await slow;
      return sent;
    };
    const earlier = store.bump(TAGS.own);
    link.send = send;
    failing();
    await expect(store.bump(TAGS.own)).rejects.toThrow();
    answer?.();
    await earlier;

    expect(told).toEqual([{ type: 'eviction-owed', tags: TAGS.own }]);
  });

  it('gives way to others when it fails again', async () => {
    const tags = Array.from({ length: 600 }, (_, index) => `v7:product:${index}`);
    const away = (key: string | undefined) => key === versionKey('shop', 'v7:product:0');
    failing();
    await expect(store.bump(tags)).rejects.toThrow();
    link.reply = (command) => {
      if (away(command[1])) throw new Error('that node is away');
      return link.carryOut(command);
    };
    link.probe();
    await new Promise((resolve) => setImmediate(resolve));

    expect(told.slice(1).flatMap((event) => ('tags' in event ? event.tags : []))).toEqual(tags.slice(1));
  });
});

describe('the epoch of the whole', () => {
  it('is that of the only node', () => {
    expect(store.epoch).toBe('epoch-1');
    link.probe();
    expect(store.epoch).toBe('epoch-1');
  });

  it('stays what it was while no server is known', () => {
    const { epoch } = store;
    link.epoch = undefined;

    expect(epoch).toBe('epoch-1');
    expect(store.epoch).toBe(epoch);
  });

  it('changes when any node has another, and not with the order in which they answer', () => {
    link.nodes = ['node-1', 'node-2'];
    link.probe('node-1', 'a');
    link.probe('node-2', 'b');
    const both = store.epoch;
    const second = new RedisVersionStore(link, 'shop', () => undefined);
    link.probe('node-2', 'b');
    link.probe('node-1', 'a');
    expect(second.epoch).toBe(both);

    link.probe('node-2', 'c');
    expect(store.epoch).not.toBe(both);
  });

  it('forgets a node that has left', () => {
    link.nodes = ['node-1', 'node-2'];
    link.probe('node-1', 'a');
    link.probe('node-2', 'b');
    link.nodes = ['node-1'];
    link.probe('node-1', 'c');

    expect(store.epoch).toBe('c');
  });
});
