import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreUnavailableError } from '../../src/resilience/deadline.js';
import { StoreGuard } from '../../src/resilience/store-guard.js';
import { Deferred } from '../support/deferred.js';

const DEADLINE_MS = 20;
const down = new Error('down');

describe('a store behind a guard', () => {
  let clock: ManualClock;
  let story: string[];
  let guard: StoreGuard;

  const guarded = (retryAfterMs = 1_000) =>
    new StoreGuard({
      deadlineMs: DEADLINE_MS,
      retryAfterMs,
      clock,
      onSuspended: (cause) => story.push(`suspended: ${(cause as Error).message}`),
      onResumed: (suspendedMs) => story.push(`resumed after ${suspendedMs} ms`),
    });
  const answers = () => guard.call('read', () => Promise.resolve('answer'));
  const fails = () => guard.call('read', () => Promise.reject(down));
  const hangs = () => guard.call('read', () => new Deferred().promise);
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => 'answered',
      (error: unknown) => (error instanceof StoreUnavailableError ? error.what : String(error)),
    );
  const LATE = `The store did not answer within ${DEADLINE_MS} ms`;

  beforeEach(() => {
    clock = new ManualClock();
    story = [];
    guard = guarded();
  });

  it('answers through it', async () => {
    expect(await answers()).toBe('answer');
    expect(guard.suspended).toBe(false);
  });

  it('says what failed, and why', async () => {
    await expect(guard.call('write of an entry', () => Promise.reject(down))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      where: 'write of an entry',
      what: 'The store failed',
      cause: down,
    });
  });

  it('keeps an error that says so already', async () => {
    const known = new StoreUnavailableError('write', 'is read-only');

    await expect(guard.call('write', () => Promise.reject(known))).rejects.toBe(known);
  });

  it('may throw instead of rejecting', async () => {
    const throwing = guard.call('read', () => {
      throw down;
    });

    await expect(throwing).rejects.toMatchObject({ cause: down });
  });

  describe('that hangs', () => {
    it('costs one deadline, and after that nothing', async () => {
      expect(await outcome(hangs())).toBe(LATE);
      let asked = 0;
      const next = guard.call('read', () => Promise.resolve((asked += 1)));

      expect(await outcome(next)).toBe('The store is not answering; next try in 1000 ms');
      expect(asked).toBe(0);
      expect(guard.suspended).toBe(true);
    });

    it('tells why in each refusal', async () => {
      await outcome(hangs());

      await expect(answers()).rejects.toMatchObject({ cause: { what: LATE } });
    });

    it('lets the calls under way end at their own deadlines, and is suspended once', async () => {
      expect(await Promise.all([hangs(), hangs(), hangs()].map(outcome))).toEqual([LATE, LATE, LATE]);
      expect(story).toEqual([`suspended: ${new StoreUnavailableError('read', LATE.slice(10)).message}`]);
    });

    it('resumes with an answer in time of a call that was under way', async () => {
      const early = outcome(hangs());
      await new Promise((resolve) => setTimeout(resolve, DEADLINE_MS / 2));
      const reply = new Deferred();
      const underWay = outcome(guard.call('read', () => reply.promise));
      await early;
      clock.advance(7);
      reply.resolve();

      expect(await underWay).toBe('answered');
      expect(story[1]).toBe('resumed after 7 ms');
    });

    it('does not resume with a late answer', async () => {
      const reply = new Deferred();
      await outcome(guard.call('read', () => reply.promise));
      reply.resolve();
      await nextTurn();

      expect(guard.suspended).toBe(true);
    });

    it('harms nobody with a late failure', async () => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown) => unhandled.push(reason);
      process.on('unhandledRejection', note);
      const reply = new Deferred();
      await outcome(guard.call('read', () => reply.promise));
      reply.reject(down);
      await nextTurn();
      process.off('unhandledRejection', note);

      expect(unhandled).toEqual([]);
    });

    it('is not what a process that stood still makes of a reply that waited to be heard', async () => {
      const reply = new Deferred();
      const call = outcome(guard.call('read', () => reply.promise));
      // The reply comes with the input of the loop's next turn, and the deadline is over before that turn.
      setImmediate(() => {
        reply.resolve();
      });
      standStill(DEADLINE_MS * 3);

      expect(await call).toBe('answered');
    });
  });

  describe('that rejects', () => {
    it('is asked again, twice', async () => {
      expect(await Promise.all([fails(), fails()].map(outcome))).toEqual(['The store failed', 'The store failed']);
      expect(guard.suspended).toBe(false);
    });

    it('is not asked again after three in a row', async () => {
      await Promise.all([fails(), fails(), fails()].map(outcome));

      expect(guard.suspended).toBe(true);
      expect(story).toHaveLength(1);
    });

    it('is not suspended while it also answers', async () => {
      for (let round = 0; round < 5; round += 1) {
        await Promise.all([fails(), fails()].map(outcome));
        await answers();
      }

      expect(guard.suspended).toBe(false);
    });
  });

  describe('that is suspended', () => {
    beforeEach(async () => {
      await outcome(hangs());
      story = [];
    });

    it('is probed by one call when its pause is over, not a millisecond before', async () => {
      clock.advance(999);
      expect(await outcome(answers())).toBe('The store is not answering; next try in 1 ms');
      clock.advance(1);
      const reply = new Deferred();
      const probe = outcome(guard.call('read', () => reply.promise));

      expect(await outcome(answers())).toBe('The store is not answering; it is being tried');
      reply.resolve();
      expect(await probe).toBe('answered');
    });

    it('resumes when the probe is answered', async () => {
      clock.advance(1_000);
      await answers();

      expect(guard.suspended).toBe(false);
      expect(story).toEqual(['resumed after 1000 ms']);
      expect(await answers()).toBe('answer');
    });

    it.each([
      ['hangs', () => hangs()],
      ['is refused', () => fails()],
    ])('stays so when the probe %s, for longer each time, up to eight times', async (_, probe) => {
      const pauses: number[] = [];
      for (let failed = 0; failed < 6; failed += 1) {
        const pauseMs = Number(/in (\d+) ms/.exec(await outcome(answers()))?.[1]);
        pauses.push(pauseMs);
        clock.advance(pauseMs);
        await outcome(probe());
      }

      expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
      expect(story).toEqual([]);
    });

    it('does not take the late failure of one probe for that of the next', async () => {
      clock.advance(1_000);
      const [first, second] = [new Deferred(), new Deferred()];
      await outcome(guard.call('read', () => first.promise));
      clock.advance(2_000);
      const probe = outcome(guard.call('read', () => second.promise));
      first.reject(down);
      await nextTurn();

      expect(await outcome(answers())).toBe('The store is not answering; it is being tried');
      second.resolve();
      expect(await probe).toBe('answered');
    });

    it('is not suspended for longer when that is said again', async () => {
      clock.advance(999);
      guard.suspend(down);
      clock.advance(1);

      expect(await answers()).toBe('answer');
      expect(story).toEqual(['resumed after 1000 ms']);
    });

    it('begins with the first pause again, and with no failure counted, once it has answered', async () => {
      clock.advance(1_000);
      await outcome(hangs());
      clock.advance(2_000);
      await answers();
      await Promise.all([fails(), fails()].map(outcome));
      expect(guard.suspended).toBe(false);
      await outcome(hangs());

      expect(await outcome(answers())).toBe('The store is not answering; next try in 1000 ms');
    });
  });

  describe('that an adapter probes by itself', () => {
    beforeEach(() => {
      guard = guarded(Infinity);
      guard.suspend(down);
    });

    it('is not probed by calls, however much time passes', async () => {
      clock.advance('10d');

      expect(await outcome(answers())).toBe('The store is not answering; its connection is probed');
    });

    it('is asked again when the adapter says so', async () => {
      clock.advance(5);
      guard.resume();

      expect(await answers()).toBe('answer');
      expect(story).toEqual(['suspended: down', 'resumed after 5 ms']);
    });

    it('has no failures counted from before', async () => {
      for (let round = 0; round < 3; round += 1) {
        guard.resume();
        await Promise.all([fails(), fails()].map(outcome));
        expect(guard.suspended).toBe(false);
        guard.suspend(down);
      }
    });

    it('does not resume with the answer of a call that was under way', async () => {
      guard.resume();
      const reply = new Deferred();
      const underWay = guard.call('read', () => reply.promise);
      guard.suspend(down);
      reply.resolve();
      await underWay;

      expect(guard.suspended).toBe(true);
    });

    it('is suspended and resumed once, however often it is said', () => {
      guard.suspend(down);
      guard.resume();
      guard.resume();

      expect(story).toHaveLength(2);
    });
  });

  it('is not suspended by what a call from before its resumption meets', async () => {
    const old = [
      hangs(),
      ...[1, 2, 3].map(() => guard.call('read', () => nextTurn().then(() => Promise.reject(down)))),
    ];
    guard.suspend(down);
    guard.resume();
    await Promise.all(old.map(outcome));

    expect(guard.suspended).toBe(false);
  });
});

/** Keeps the process from doing anything else. */
function standStill(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}
