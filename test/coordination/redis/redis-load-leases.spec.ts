import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import type { LoadLease } from '../../../src/coordination/load-leases.js';
import { leaseKey } from '../../../src/coordination/redis/redis-keys.js';
import { RedisLoadLeases } from '../../../src/coordination/redis/redis-load-leases.js';
import { leaseOf } from '../../contracts/load-leases.contract.js';
import { leaseOperation } from '../../stampede/lease-server.js';
import { ScriptedLink } from './scripted-link.js';

const TIMES = { leaseMs: 3000, fruitlessMs: 200 };
const KEY = leaseKey('shop', 'a');

let link: ScriptedLink;
let clock: ManualClock;
let leases: RedisLoadLeases;
/** What the scripts answer; undefined is a failure. */
let answers: { acquire: unknown; renew: unknown };

beforeEach(() => {
  link = new ScriptedLink();
  clock = new ManualClock();
  leases = new RedisLoadLeases(link, 'shop', clock, TIMES);
  answers = { acquire: 'granted', renew: 1 };
  link.reply = (command) => {
    const answer = leaseOperation(command) === 'acquire' ? answers.acquire : answers.renew;
    if (answer === undefined) throw new Error('did not answer in time');
    return answer;
  };
});

const asked = () => link.sent.map(leaseOperation);
/** Each command's arguments behind the name of its key. */
const argumentsOf = (operation: string) =>
  link.sent.filter((command) => leaseOperation(command) === operation).map((command) => command.slice(4));

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => {
  process.on('unhandledRejection', note);
});
afterEach(() => {
  expect(unhandled.splice(0)).toEqual([]);
});
afterAll(() => {
  process.off('unhandledRejection', note);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= 500) {
    clock.advance(Math.min(left, 500));
    await settled();
  }
};

describe('asking for a lease', () => {
  it('leaves before what is read in the same tick, in one command on the key of the lease', async () => {
    const answer = leases.acquire('a');
    const read = link.get('value');
    await Promise.all([answer, read.catch(() => undefined)]);

    expect(asked()).toEqual(['acquire', 'GET']);
    expect(link.sent[0]?.slice(2, 4)).toEqual(['1', KEY]);
    expect(link.sent[0]?.[5]).toBe('3000');
  });

  it.each(['held', 'fruitless'] as const)('tells that it is %s, and nothing is renewed then', async (answer) => {
    answers.acquire = answer;

    expect(await leases.acquire('a')).toBe(answer);
    await pass(10_000);
    expect(asked()).toEqual(['acquire']);
  });

  it('is granted by an answer that nobody can wait upon', async () => {
    answers.acquire = null;

    leaseOf(await leases.acquire('a'));
  });
});

describe('a store that fails', () => {
  it('gives a lease to everybody while it is away', async () => {
    link.epoch = undefined;

    for (const answer of await Promise.all([leases.acquire('a'), leases.acquire('a')])) leaseOf(answer).release(true);
    expect(asked()).toEqual([]);
  });

  it('is told to take back a lease that it may have given too late, which is not renewed', async () => {
    answers.acquire = undefined;

    const lease = leaseOf(await leases.acquire('a'));
    await pass(10_000);
    lease.release(true);

    expect(asked()).toEqual(['acquire', 'release']);
    expect(argumentsOf('release')[0]?.[0]).toBe(argumentsOf('acquire')[0]?.[0]);
  });

  it('at the release harms nobody', async () => {
    const lease = leaseOf(await leases.acquire('a'));
    answers.renew = undefined;

    lease.release(true);
    lease.release(false);
    await settled();
  });
});

describe('a lease', () => {
  let lease: LoadLease;
  let holder: string;
  beforeEach(async () => {
    lease = leaseOf(await leases.acquire('a'));
    holder = argumentsOf('acquire')[0]?.[0] ?? '';
  });

  it('is renewed at every third until it is released', async () => {
    await pass(999);
    expect(argumentsOf('renew')).toEqual([]);
    await pass(1);
    expect(argumentsOf('renew')).toEqual([[holder, '3000']]);
    await pass(5000);
    expect(argumentsOf('renew')).toHaveLength(6);

    lease.release(true);
    await pass(10_000);
    expect(argumentsOf('renew')).toHaveLength(6);
    expect(argumentsOf('release')).toEqual([[holder, '0']]);
  });

  it('that another has by now is not renewed any more', async () => {
    answers.renew = 0;

    await pass(10_000);
    expect(argumentsOf('renew')).toHaveLength(1);
  });

  it('whose renewal fails is renewed at the next third', async () => {
    answers.renew = undefined;
    await pass(1000);
    answers.renew = 1;
    await pass(2000);

    expect(argumentsOf('renew')).toHaveLength(3);
  });

  it('that is released while a renewal is under way stays released', async () => {
    answers.renew = 0;
    clock.advance(1000);
    lease.release(true);
    await pass(10_000);

    expect(asked()).toEqual(['acquire', 'renew', 'release']);
  });

  it('leaves a mark for a short while when nothing was stored', () => {
    lease.release(false);

    expect(argumentsOf('release')).toEqual([[holder, '200']]);
  });

  it('of each call is its own', async () => {
    await leases.acquire('a');

    expect(new Set(argumentsOf('acquire').map(([each]) => each)).size).toBe(2);
    expect(holder).toMatch(/^[\w-]{12}$/);
  });
});
