import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoadWork } from '../../src/resilience/bounded-load.js';
import { OriginGuard } from '../../src/resilience/origin-guard.js';
import type { OriginGuardOptions } from '../../src/resilience/origin-guard.js';
import { ConsistentCacheError } from '../../src/errors/consistent-cache-error.js';
import { Deferred } from '../support/deferred.js';

const DEADLINE_MS = 2_000;
const PAUSE_MS = 5_000;
const QUEUE_DEADLINE_MS = 1_000;
const down = new Error('down');
const notFound = new Error('not found');
const gone = new Error('the caller is gone');

describe('an origin behind a guard', () => {
  let clock: ManualClock;
  let caller: AbortController;
  let story: string[];
  let guard: OriginGuard;

  const guarded = (options: Partial<OriginGuardOptions> = {}) =>
    new OriginGuard({
      name: 'pricing',
      limit: { concurrency: 2, queue: 2, queueDeadlineMs: QUEUE_DEADLINE_MS },
      breaker: { failuresInARow: 3, pauseMs: PAUSE_MS },
      clock,
      isFailure: (error) => error !== notFound,
      onSuspended: (cause) => story.push(`suspended: ${(cause as Error).message}`),
      onResumed: (suspendedMs) => story.push(`resumed after ${suspendedMs} ms`),
      ...options,
    });
  const runWithin = (deadlineMs: number | undefined, work: LoadWork<unknown>) =>
    Promise.resolve(guard.run(work, { place: 'Pricing.priceOf', deadlineMs, signal: caller.signal })).then(
      (value) => String(value),
      (error: unknown) => (error instanceof ConsistentCacheError ? error.code : (error as Error).message),
    );
  const run = (work: LoadWork<unknown>) => runWithin(DEADLINE_MS, work);
  const answers = () => run(() => Promise.resolve('4.50'));
  const fails = (error = down) => run(() => Promise.reject(error));
  const hangs = () => run(() => new Deferred().promise);
  const hangsForEver = () => runWithin(undefined, () => new Deferred().promise);
  const waits = (reply: Deferred<string>) => run(() => reply.promise);
  const suspend = async () => {
    for (let failed = 0; failed < 3; failed += 1) await fails();
    story = [];
  };

  beforeEach(() => {
    clock = new ManualClock();
    caller = new AbortController();
    story = [];
    guard = guarded();
  });

  it('answers through it', async () => {
    expect(await answers()).toBe('4.50');
  });

  it('begins at once when a slot is free', () => {
    let begun = false;
    void run(() => (begun = true));

    expect(begun).toBe(true);
  });

  it('does nothing for a caller who is gone already', async () => {
    caller.abort(gone);
    let begun = false;

    expect(await run(() => (begun = true))).toBe('the caller is gone');
    guard = guarded({ limit: undefined });
    expect(await run(() => (begun = true))).toBe('the caller is gone');
    expect(begun).toBe(false);
  });

  describe('that has nothing to be guarded against', () => {
    const bounds = { place: 'here', deadlineMs: undefined };

    beforeEach(() => {
      guard = guarded({ limit: undefined, breaker: undefined });
    });

    it('is simply called', () => {
      expect(guard.run(() => '4.50', bounds)).toBe('4.50');
      expect(() =>
        guard.run(() => {
          throw down;
        }, bounds),
      ).toThrow(down);
      expect(guard.suspended).toBe(false);
    });

    it('hands out a signal all the same', () => {
      expect(guard.run(({ signal }) => signal.aborted, bounds)).toBe(false);
    });

    it('still keeps a deadline', async () => {
      const loading = hangs();
      clock.advance(DEADLINE_MS);

      expect(await loading).toBe('LOAD_TIMED_OUT');
    });

    it('still lets its caller go', async () => {
      const loading = hangsForEver();
      caller.abort(gone);

      expect(await loading).toBe('the caller is gone');
    });
  });

  describe('with as many loads as it may have', () => {
    const first = () => new Deferred<string>();

    it('begins the next one when one ends', async () => {
      const reply = first();
      void waits(reply);
      void hangs();
      const next = answers();
      reply.resolve('first');

      expect(await next).toBe('4.50');
    });

    it('has a slot free the moment that a deadline passes, though the load goes on', async () => {
      void hangs();
      void hangs();
      clock.advance(DEADLINE_MS);

      expect(await Promise.all([answers(), answers()])).toEqual(['4.50', '4.50']);
    });

    it('has a slot free the moment that a caller goes', async () => {
      void hangs();
      void hangs();
      caller.abort();
      caller = new AbortController();

      expect(await answers()).toBe('4.50');
    });

    it('refuses what finds the queue full, and what waits too long', async () => {
      void hangs();
      void hangs();
      const waiting = [answers(), answers()];
      expect(await answers()).toBe('ORIGIN_OVERLOADED');
      clock.advance(QUEUE_DEADLINE_MS);

      expect(await Promise.all(waiting)).toEqual(['ORIGIN_OVERLOADED', 'ORIGIN_OVERLOADED']);
    });

    it('counts no refusal as a failure of the origin', async () => {
      guard = guarded({ breaker: { failuresInARow: 1, pauseMs: PAUSE_MS } });
      void hangsForEver();
      void hangsForEver();
      const waiting = answers();
      clock.advance(QUEUE_DEADLINE_MS);

      expect(await waiting).toBe('ORIGIN_OVERLOADED');
      expect(guard.suspended).toBe(false);
    });

    it('does not count the time in the queue as time of the load', async () => {
      const [reply, slow] = [first(), first()];
      void waits(reply);
      void hangsForEver();
      const next = waits(slow);
      clock.advance(QUEUE_DEADLINE_MS - 1);
      reply.resolve('first');
      await nextTurn();
      clock.advance(DEADLINE_MS - 1);
      slow.resolve('in time');

      expect(await next).toBe('in time');
    });

    it('passes the slot on when its new holder has gone in the same step', async () => {
      void runWithin(500, () => new Deferred().promise);
      void hangs();
      const other = new AbortController();
      let begun = false;
      const leaving = Promise.resolve(
        guard.run(() => (begun = true), { place: 'here', deadlineMs: undefined, signal: other.signal }),
      ).catch(() => 'left');
      const next = answers();
      clock.advance(500);
      other.abort(gone);

      expect(await leaving).toBe('left');
      expect(begun).toBe(false);
      expect(await next).toBe('4.50');
    });

    it('leaves an origin alone that was suspended while a load waited for its slot', async () => {
      guard = guarded({ breaker: { failuresInARow: 1, pauseMs: PAUSE_MS } });
      const replies = [first(), first()];
      for (const reply of replies) void waits(reply);
      let begun = 0;
      const waiting = [run(() => (begun += 1)), run(() => (begun += 1))];
      for (const reply of replies) reply.reject(down);

      expect(await Promise.all(waiting)).toEqual(['ORIGIN_SUSPENDED', 'ORIGIN_SUSPENDED']);
      expect(begun).toBe(0);
      // Both slots are free again: one for the load that tries the origin, one for that beside it.
      clock.advance(PAUSE_MS);
      expect(await answers()).toBe('4.50');
      void hangs();
      expect(await answers()).toBe('4.50');
    });

    it('lets nobody wait for a slot of an origin that is left alone', async () => {
      guard = guarded({ breaker: { failuresInARow: 1, pauseMs: PAUSE_MS } });
      void hangsForEver();
      await fails();
      clock.advance(PAUSE_MS);
      void hangs();

      expect(await answers()).toBe('ORIGIN_SUSPENDED');
    });
  });

  describe('that fails', () => {
    it('is left alone after the third failure in a row, not after the second', async () => {
      expect([await fails(), await fails()]).toEqual(['down', 'down']);
      expect(guard.suspended).toBe(false);
      await fails();

      expect(guard.suspended).toBe(true);
      expect(story).toEqual(['suspended: down']);
      let begun = false;
      expect(await run(() => (begun = true))).toBe('ORIGIN_SUSPENDED');
      expect(begun).toBe(false);
    });

    it('says why, and when it is tried again', async () => {
      await suspend();
      clock.advance(800);

      const refused = guard.run(() => 'x', { place: 'Pricing.priceOf', deadlineMs: undefined });
      await expect(refused).rejects.toMatchObject({
        code: 'ORIGIN_SUSPENDED',
        retryAfterMs: 4_200,
        cause: down,
        message:
          "[ORIGIN_SUSPENDED] The origin 'pricing' keeps failing and is left alone; next try in 4200 ms (Pricing.priceOf). " +
          'Check that the origin is reachable and healthy; one load tries it after each pause.',
      });
    });

    it('is not left alone for errors that blame the caller', async () => {
      for (let asked = 0; asked < 5; asked += 1) expect(await fails(notFound)).toBe('not found');

      expect(guard.suspended).toBe(false);
    });

    it('answers with an error that blames the caller', async () => {
      await fails();
      await fails();
      await fails(notFound);
      await fails();

      expect(guard.suspended).toBe(false);
    });

    it('is left alone for deadlines that passed, whatever its errors mean', async () => {
      guard = guarded({ isFailure: () => false });
      for (let asked = 0; asked < 3; asked += 1) {
        const loading = hangs();
        clock.advance(DEADLINE_MS);
        await loading;
      }

      expect(guard.suspended).toBe(true);
    });

    it('is not left alone because callers go', async () => {
      for (let asked = 0; asked < 5; asked += 1) {
        const loading = hangs();
        caller.abort(gone);
        await loading;
        caller = new AbortController();
      }

      expect(guard.suspended).toBe(false);
    });

    it('has not answered because a caller went', async () => {
      await fails();
      await fails();
      const loading = hangs();
      caller.abort(gone);
      await loading;
      caller = new AbortController();
      await fails();

      expect(guard.suspended).toBe(true);
    });

    it('is not left alone because of what a load answers after its deadline', async () => {
      const replies = [new Deferred<string>(), new Deferred<string>()];
      const late = replies.map(waits);
      clock.advance(DEADLINE_MS);
      await Promise.all(late);
      for (const reply of replies) reply.reject(down);
      await nextTurn();

      expect(guard.suspended).toBe(false);
    });

    it('is not left alone where no breaker is wanted', async () => {
      guard = guarded({ breaker: undefined });
      for (let asked = 0; asked < 10; asked += 1) await fails();

      expect(await answers()).toBe('4.50');
    });
  });

  describe('that is left alone', () => {
    beforeEach(suspend);

    it('is tried by one load when the pause is over, not a millisecond before', async () => {
      clock.advance(PAUSE_MS - 1);
      expect(await answers()).toBe('ORIGIN_SUSPENDED');
      clock.advance(1);
      const reply = new Deferred<string>();
      const probe = waits(reply);
      expect(await answers()).toBe('ORIGIN_SUSPENDED');
      reply.resolve('back');

      expect(await probe).toBe('back');
      expect(story).toEqual([`resumed after ${PAUSE_MS} ms`]);
      expect(await answers()).toBe('4.50');
    });

    it('tells those who come while it is tried to come back after the shortest pause', async () => {
      clock.advance(PAUSE_MS);
      void hangs();

      const refused = guard.run(() => 'x', { place: 'here', deadlineMs: undefined });
      await expect(refused).rejects.toMatchObject({
        retryAfterMs: PAUSE_MS,
        what: "The origin 'pricing' keeps failing and is left alone; it is being tried",
      });
    });

    it('resumes when the try is answered with an error that blames the caller', async () => {
      clock.advance(PAUSE_MS);
      await fails(notFound);

      expect(guard.suspended).toBe(false);
    });

    it.each([
      ['fails', () => fails()],
      [
        'is late',
        () => {
          const loading = hangs();
          clock.advance(DEADLINE_MS);
          return loading;
        },
      ],
    ])('is left alone for twice as long when the try %s', async (_, tries) => {
      clock.advance(PAUSE_MS);
      await tries();
      clock.advance(2 * PAUSE_MS - 1);
      expect(await answers()).toBe('ORIGIN_SUSPENDED');
      clock.advance(1);

      expect(await answers()).toBe('4.50');
    });

    it('is tried by the next load when the caller of the first one goes', async () => {
      clock.advance(PAUSE_MS);
      const probe = hangs();
      caller.abort(gone);
      await probe;
      caller = new AbortController();
      expect(guard.suspended).toBe(true);

      expect(await answers()).toBe('4.50');
    });

    it('is tried again after a pause when a try without a deadline says nothing', async () => {
      clock.advance(PAUSE_MS);
      void guard.run(() => new Deferred().promise, { place: 'here', deadlineMs: undefined });
      clock.advance(PAUSE_MS - 1);
      expect(await answers()).toBe('ORIGIN_SUSPENDED');
      clock.advance(1);

      expect(await answers()).toBe('4.50');
    });
  });
});
