import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { CircuitBreaker } from '../../src/resilience/circuit-breaker.js';
import type { Admission } from '../../src/resilience/circuit-breaker.js';

const PAUSE_MS = 1_000;
const down = new Error('down');

describe('a breaker', () => {
  let clock: ManualClock;
  let story: string[];
  let breaker: CircuitBreaker;

  const breakerWith = (pauseMs = PAUSE_MS) =>
    new CircuitBreaker({
      failuresInARow: 3,
      pauseMs,
      clock,
      onSuspended: (cause) => story.push(`suspended: ${(cause as Error).message}`),
      onResumed: (suspendedMs) => story.push(`resumed after ${suspendedMs} ms`),
    });
  const admitted = (patienceMs?: number): Admission => {
    const admission = breaker.admit(patienceMs);
    if (admission === undefined) throw new Error('The breaker let nobody through');
    return admission;
  };
  const fails = (times = 1) => {
    for (let failed = 0; failed < times; failed += 1) breaker.failed(down, admitted());
  };

  beforeEach(() => {
    clock = new ManualClock();
    story = [];
    breaker = breakerWith();
  });

  it('lets calls through while all is well', () => {
    expect(admitted().isProbe).toBe(false);
    expect(breaker).toMatchObject({ suspended: false, refuses: false, suspension: undefined });
  });

  it('neither reads the clock nor makes an object while all is well', () => {
    const blind = new CircuitBreaker({
      failuresInARow: 3,
      pauseMs: PAUSE_MS,
      clock: Object.assign(new ManualClock(), {
        nowMs: () => {
          throw new Error('The clock was read');
        },
      }),
    });

    expect(blind.admit()).toBe(blind.admit());
    expect(blind.refuses).toBe(false);
    blind.answered();
  });

  it('is suspended by the third failure in a row, not by the second', () => {
    fails(2);
    expect(breaker.suspended).toBe(false);
    fails();

    expect(breaker).toMatchObject({
      suspended: true,
      refuses: true,
      suspension: { cause: down, leftMs: PAUSE_MS },
    });
    expect(story).toEqual(['suspended: down']);
  });

  it('counts again from the start after an answer', () => {
    fails(2);
    breaker.answered();
    fails(2);
    expect(breaker.suspended).toBe(false);
    fails();

    expect(breaker.suspended).toBe(true);
  });

  it('is suspended by one silence', () => {
    breaker.silent(down, admitted());

    expect(breaker.suspended).toBe(true);
  });

  it('is suspended once, however many fail that were under way', () => {
    const underWay = [1, 2, 3, 4, 5, 6].map(() => admitted());
    for (const admission of underWay) breaker.failed(down, admission);

    expect(story).toEqual(['suspended: down']);
  });

  it('resumes with the answer of a call that was under way', () => {
    fails(3);
    clock.advance(10);
    breaker.answered();

    expect(breaker.suspended).toBe(false);
    expect(story).toEqual(['suspended: down', 'resumed after 10 ms']);
  });

  it.each([
    [
      'failure',
      (old: Admission) => {
        [1, 2, 3].forEach(() => {
          breaker.failed(down, old);
        });
      },
    ],
    [
      'silence',
      (old: Admission) => {
        breaker.silent(down, old);
      },
    ],
  ])('does not count the %s of a call from before its resumption', (_, end) => {
    const old = admitted();
    fails(3);
    breaker.resume();
    end(old);

    expect(breaker.suspended).toBe(false);
  });

  describe('that is suspended', () => {
    beforeEach(() => {
      fails(3);
      story = [];
    });

    it('lets one call through when its pause is over, not a millisecond before', () => {
      clock.advance(PAUSE_MS - 1);
      expect(breaker.refuses).toBe(true);
      expect(breaker.admit()).toBeUndefined();
      clock.advance(1);
      expect(breaker.refuses).toBe(false);

      expect(breaker.admit()).toEqual({ isProbe: true });
      expect(breaker.refuses).toBe(true);
      expect(breaker.admit()).toBeUndefined();
      expect(breaker.suspension).toEqual({ cause: down, leftMs: 0 });
    });

    it('resumes when the probe is answered', () => {
      clock.advance(PAUSE_MS);
      admitted();
      breaker.answered();

      expect(admitted().isProbe).toBe(false);
      expect(story).toEqual([`resumed after ${PAUSE_MS} ms`]);
    });

    it.each([
      [
        'fails',
        (probe: Admission) => {
          breaker.failed(down, probe);
        },
      ],
      [
        'is silent',
        (probe: Admission) => {
          breaker.silent(down, probe);
        },
      ],
    ])('pauses for longer each time that the probe %s, up to eight times, and says so once', (_, end) => {
      const pauses = [1, 2, 3, 4, 5].map(() => {
        const leftMs = breaker.suspension?.leftMs ?? 0;
        clock.advance(leftMs);
        end(admitted());
        return leftMs;
      });

      expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
      expect(story).toEqual([]);
    });

    it('tells of the last failure', () => {
      const still = new Error('still down');
      clock.advance(PAUSE_MS);
      breaker.failed(still, admitted());

      expect(breaker.suspension).toEqual({ cause: still, leftMs: 2 * PAUSE_MS });
    });

    it('lets the next call through at once when the probe was withdrawn', () => {
      clock.advance(PAUSE_MS);
      breaker.withdrawn(admitted());

      expect(breaker.suspended).toBe(true);
      expect(breaker.refuses).toBe(false);
      expect(admitted().isProbe).toBe(true);
    });

    it('pauses no longer because of a probe that was withdrawn', () => {
      clock.advance(PAUSE_MS);
      breaker.withdrawn(admitted());
      breaker.failed(down, admitted());

      expect(breaker.suspension?.leftMs).toBe(2 * PAUSE_MS);
    });

    it('waits for a probe for as long as it takes', () => {
      clock.advance(PAUSE_MS);
      admitted();
      clock.advance('10d');

      expect(breaker.admit()).toBeUndefined();
    });

    it('lets another call through when its patience with the probe is over, not a millisecond before', () => {
      clock.advance(PAUSE_MS);
      admitted(500);
      clock.advance(499);
      expect(breaker.admit()).toBeUndefined();
      clock.advance(1);

      expect(admitted().isProbe).toBe(true);
    });

    it('does not take the outcome of a probe that it gave up for that of the next', () => {
      clock.advance(PAUSE_MS);
      const first = admitted(500);
      clock.advance(500);
      const second = admitted();
      breaker.withdrawn(first);
      breaker.failed(down, first);
      expect(breaker.suspension?.leftMs).toBe(0);
      expect(breaker.admit()).toBeUndefined();
      breaker.failed(down, second);

      expect(breaker.suspension?.leftMs).toBe(2 * PAUSE_MS);
    });

    it('is not suspended for longer by calls that were under way', () => {
      clock.advance(PAUSE_MS - 1);
      breaker.suspend(down);

      expect(breaker.suspension?.leftMs).toBe(1);
    });

    it('begins with the first pause again once it has resumed', () => {
      clock.advance(PAUSE_MS);
      breaker.failed(down, admitted());
      breaker.answered();
      fails(3);

      expect(breaker.suspension?.leftMs).toBe(PAUSE_MS);
    });
  });

  describe('without a pause of its own', () => {
    beforeEach(() => {
      breaker = breakerWith(Infinity);
      breaker.suspend(down);
    });

    it('resumes only when told', () => {
      clock.advance('10d');
      breaker.answered();
      expect(breaker).toMatchObject({ refuses: true, suspension: { leftMs: Infinity } });
      breaker.resume();
      breaker.resume();

      expect(breaker.suspended).toBe(false);
      expect(story).toHaveLength(2);
    });
  });
});
