import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { boundedLoad, LoadTimedOutError } from '../../src/resilience/bounded-load.js';
import type { LoadWork } from '../../src/resilience/bounded-load.js';
import type { LoadSignal } from '../../src/resilience/load-signal.js';
import { Deferred } from '../support/deferred.js';

const DEADLINE_MS = 2_000;
const down = new Error('down');
const gone = new Error('the caller is gone');

describe('a load with a deadline', () => {
  let clock: ManualClock;
  let caller: AbortController;
  let story: string[];
  let reply: Deferred<string>;

  const load = (work: LoadWork<string>) =>
    boundedLoad(work, { place: 'Pricing.priceOf', deadlineMs: DEADLINE_MS, signal: caller.signal }, clock, (end) =>
      story.push(end),
    );
  const waits = () => reply.promise;
  const outcome = (loading: Promise<unknown>) => loading.catch((error: unknown) => error);

  beforeEach(() => {
    clock = new ManualClock();
    caller = new AbortController();
    story = [];
    reply = new Deferred();
  });

  it('answers what its work answers', async () => {
    const loading = load(waits);
    clock.advance(DEADLINE_MS - 1);
    reply.resolve('4.50');

    expect(await loading).toBe('4.50');
    expect(story).toEqual(['answered']);
  });

  it('begins in the step in which it is called', () => {
    let begun = false;
    void load(() => {
      begun = true;
      return 'at once';
    });

    expect(begun).toBe(true);
  });

  it.each([
    ['rejects', () => Promise.reject(down)],
    [
      'throws',
      () => {
        throw down;
      },
    ],
  ])('fails with the very error with which its work %s', async (_, work) => {
    expect(await outcome(load(work))).toBe(down);
    expect(story).toEqual(['failed']);
  });

  it('is given up at its deadline, not a millisecond before', async () => {
    const loading = outcome(load(waits));
    clock.advance(DEADLINE_MS - 1);
    expect(story).toEqual([]);
    clock.advance(1);
    expect(story).toEqual(['late']);

    expect(await loading).toMatchObject({
      code: 'LOAD_TIMED_OUT',
      deadlineMs: DEADLINE_MS,
      message:
        '[LOAD_TIMED_OUT] The load did not answer within 2000 ms (Pricing.priceOf). ' +
        'Find out what it waits for, and let it end with its signal; if it may take so long, raise its deadline.',
    });
  });

  it('waits for as long as it takes without one', async () => {
    const loading = boundedLoad(waits, { place: 'here', deadlineMs: undefined }, clock, (end) => story.push(end));
    clock.advance('10d');
    reply.resolve('4.50');

    expect(await loading).toBe('4.50');
  });

  it('is given up when its caller goes', async () => {
    const loading = outcome(load(waits));
    caller.abort(gone);
    expect(story).toEqual(['aborted']);

    expect(await loading).toBe(gone);
  });

  it.each([
    [
      'its deadline',
      () => {
        clock.advance(DEADLINE_MS);
      },
    ],
    [
      'its caller',
      () => {
        caller.abort(gone);
      },
    ],
  ])('ends once, whatever comes after %s', async (_, giveUp) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const failing = new Deferred<string>();
    const loading = outcome(load(waits));
    const other = outcome(load(() => failing.promise));
    giveUp();
    clock.advance('1h');
    caller.abort();
    reply.resolve('too late');
    failing.reject(down);
    await nextTurn();
    process.off('unhandledRejection', note);

    expect([await loading, await other]).not.toContain('too late');
    expect(story).toHaveLength(2);
    expect(unhandled).toEqual([]);
  });

  it('ends once, whatever comes after its answer', async () => {
    reply.resolve('4.50');
    expect(await load(waits)).toBe('4.50');
    clock.advance('1h');
    caller.abort(gone);

    expect(story).toEqual(['answered']);
  });

  describe('whose work asks for its signal', () => {
    let handed: LoadSignal;
    const asks: LoadWork<string> = (given) => {
      handed = given;
      return reply.promise;
    };

    it('sees it aborted at the deadline, with the error that the caller gets', async () => {
      const loading = outcome(load(asks));
      const { signal } = handed;
      clock.advance(DEADLINE_MS - 1);
      expect(signal.aborted).toBe(false);
      clock.advance(1);

      expect(signal.reason).toBeInstanceOf(LoadTimedOutError);
      expect(await loading).toBe(signal.reason);
    });

    it('sees it aborted when the caller goes, with the reason of the caller', async () => {
      const loading = outcome(load(asks));
      const { signal } = handed;
      caller.abort(gone);

      expect(signal.reason).toBe(gone);
      expect(await loading).toBe(gone);
    });

    it('finds it aborted when it asks too late', async () => {
      const loading = outcome(load(asks));
      clock.advance(DEADLINE_MS);

      expect(handed.signal.reason).toBe(await loading);
    });

    it('gets the same one however often it asks', () => {
      void load(asks);

      expect(handed.signal).toBe(handed.signal);
    });

    it('keeps it whole once it has answered', async () => {
      const loading = load(asks);
      const { signal } = handed;
      reply.resolve('4.50');
      await loading;
      clock.advance('1h');

      expect(signal.aborted).toBe(false);
    });
  });
});
