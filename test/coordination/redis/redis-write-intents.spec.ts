import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { intentKey, versionKey } from '../../../src/coordination/redis/redis-keys.js';
import { RedisVersionStore } from '../../../src/coordination/redis/redis-version-store.js';
import { RedisWriteIntents } from '../../../src/coordination/redis/redis-write-intents.js';
import type { Announcement } from '../../../src/coordination/write-intents.js';
import { ScriptedLink } from './scripted-link.js';

const LEASE_MS = 9000;
const LONG_UP = 'uptime_in_seconds:86400\r\nmaster_replid2:0000000000000000000000000000000000000000\r\n';

let link: ScriptedLink;
let clock: ManualClock;
let intents: RedisWriteIntents;
/** What the scripts and INFO answer; undefined is a failure. */
let answers: { announce?: number; pending: number; info: string };

beforeEach(() => {
  jest.useFakeTimers();
  link = new ScriptedLink();
  clock = new ManualClock();
  intents = new RedisWriteIntents(link, 'shop', clock, LEASE_MS, clock);
  answers = { announce: 1, pending: 0, info: LONG_UP };
  link.reply = (command) => {
    const [name, script] = command;
    if (name === 'INFO') return answers.info;
    if (name === 'SET' || name === 'GET') return link.carryOut(command);
    if (name === 'ZREM') return 1;
    if (script?.includes('ZCARD') === true) return answers.pending;
    if (answers.announce === undefined) throw new Error('the server is away');
    return answers.announce;
  };
});
afterEach(() => {
  jest.useRealTimers();
});

const keysOf = (name: string) =>
  link.sent.filter(([sent]) => sent === name).map((command) => command[name === 'EVAL' ? 3 : 1]);
const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= LEASE_MS / 3) {
    const step = Math.min(left, LEASE_MS / 3);
    clock.advance(step);
    await jest.advanceTimersByTimeAsync(step);
  }
};

describe('announcing', () => {
  it('leaves before what is written right after it', () => {
    const versions = new RedisVersionStore(link, 'shop', () => undefined);

    void intents.announce(['a', 'b']);
    void versions.bump(['a']);

    expect(link.sent.map(([name]) => name)).toEqual(['EVAL', 'EVAL', 'SET', 'GET']);
    expect(link.sent[2]?.[1]).toBe(versionKey('shop', 'a'));
  });

  it('fails when it could not be made everywhere, and takes back what was made', async () => {
    delete answers.announce;

    await expect(intents.announce(['a', 'b'])).rejects.toThrow('the server is away');
    expect(keysOf('ZREM')).toEqual([intentKey('shop', 'a'), intentKey('shop', 'b')]);
    await pass(LEASE_MS);
    expect(keysOf('EVAL')).toHaveLength(2);
  });
});

describe('an announcement', () => {
  let announcement: Announcement;
  beforeEach(async () => {
    announcement = await intents.announce(['a']);
  });

  it('is renewed at every third of its lease until it is withdrawn', async () => {
    await pass(LEASE_MS * 3);
    expect(keysOf('EVAL')).toHaveLength(10);
    expect(announcement.lost).toBe(false);

    await announcement.withdraw();
    await pass(LEASE_MS);
    expect(keysOf('EVAL')).toHaveLength(10);
    expect(keysOf('ZREM')).toEqual([intentKey('shop', 'a')]);
  });

  it('survives a renewal that fails, and is lost when the lease passes without one', async () => {
    await pass(LEASE_MS / 3);
    delete answers.announce;
    await pass(LEASE_MS - 1);
    expect(announcement.lost).toBe(false);

    await pass(1);
    expect(announcement.lost).toBe(true);
  });

  it('stays lost', async () => {
    delete answers.announce;
    await pass(LEASE_MS);
    answers.announce = 1;
    await pass(LEASE_MS);

    expect(announcement.lost).toBe(true);
    await expect(announcement.confirm()).rejects.toThrow('has lost the announcement');
  });

  it('is lost when a renewal finds it gone', async () => {
    answers.announce = 0;
    await pass(LEASE_MS / 3);

    expect(announcement.lost).toBe(true);
  });

  it('is lost when another server answers', async () => {
    link.epoch = 'epoch-2';
    await pass(LEASE_MS / 3);

    expect(announcement.lost).toBe(true);
  });

  it('is confirmed by asking once more, which renews it', async () => {
    await announcement.confirm();
    expect(keysOf('EVAL')).toHaveLength(2);
  });

  it.each([
    ['it is gone', () => (answers.announce = 0), 'has lost the announcement'],
    ['the store fails', () => delete answers.announce, 'the server is away'],
    ['another server answers', () => (link.epoch = 'epoch-2'), 'has lost the announcement'],
    ['no server is known', () => (link.epoch = undefined), 'is not connected'],
  ])('is not confirmed when %s', async (_, happens, message) => {
    happens();

    await expect(announcement.confirm()).rejects.toThrow(message);
  });

  it.each([
    [LEASE_MS / 2, true],
    [LEASE_MS / 2 + 1, false],
  ])('asked %d ms before the answer arrived is confirmed: %s', async (stoodStillMs, isConfirmed) => {
    const { reply } = link;
    link.reply = (command) => {
      clock.advance(stoodStillMs);
      return reply?.(command);
    };
    const confirmed = announcement.confirm().then(
      () => true,
      () => false,
    );

    expect(await confirmed).toBe(isConfirmed);
  });

  it('is withdrawn without an error when the store fails', async () => {
    link.epoch = undefined;

    await expect(announcement.withdraw()).resolves.toBeUndefined();
  });
});

describe('pending writes', () => {
  it('are asked for in the tick of the call', () => {
    void intents.pending(['a', 'b']);

    expect(keysOf('EVAL')).toEqual([intentKey('shop', 'a'), intentKey('shop', 'b')]);
  });

  it('are there when one of the tags has one', async () => {
    expect(await intents.pending(['a', 'b'])).toBe(false);
    answers.pending = 1;

    expect(await intents.pending(['a', 'b'])).toBe(true);
  });

  it('are unknown when the store fails', async () => {
    link.epoch = undefined;

    await expect(intents.pending(['a'])).rejects.toThrow('is not connected');
  });

  it('may be there until a server has been up for a lease', async () => {
    answers.info = LONG_UP.replace('86400', '8');
    expect(await intents.pending(['a'])).toBe(true);
    // 8 seconds up are 7 for certain, and a lease is 9.
    clock.advance(1999);
    expect(await intents.pending(['a'])).toBe(true);
    clock.advance(1);
    expect(await intents.pending(['a'])).toBe(false);
    expect(keysOf('INFO')).toHaveLength(1);
  });

  it('may be there for a lease from when a promoted replica, however long it is up, is met', async () => {
    answers.info = LONG_UP.replace('replid2:0', 'replid2:a');
    expect(await intents.pending(['a'])).toBe(true);
    clock.advance(LEASE_MS - 1);
    expect(await intents.pending(['a'])).toBe(true);
    clock.advance(1);
    expect(await intents.pending(['a'])).toBe(false);
  });

  it('may be there again after the server was replaced', async () => {
    expect(await intents.pending(['a'])).toBe(false);
    link.epoch = 'epoch-2';
    answers.info = LONG_UP.replace('86400', '0');

    expect(await intents.pending(['a'])).toBe(true);
  });

  it('may be there when the server is replaced between the two questions', async () => {
    const { reply } = link;
    link.reply = (command) => {
      if (command[0] === 'EVAL') link.epoch = 'epoch-2';
      return reply?.(command);
    };

    expect(await intents.pending(['a'])).toBe(true);
  });
});
