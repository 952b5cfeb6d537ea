import { describe, expect, it } from '@jest/globals';
import { resolveOriginOptions } from '../../src/resilience/origin-options.js';
import type { OriginOptions } from '../../src/resilience/origin-options.js';

const problemsOf = (options: unknown) => resolveOriginOptions('pricing', options as OriginOptions).problems;

describe('the options of an origin', () => {
  it('default to a breaker, and no limit', () => {
    expect(resolveOriginOptions('pricing', {})).toEqual({
      resolved: { name: 'pricing', limit: undefined, breaker: { failuresInARow: 5, pauseMs: 5_000 } },
      problems: [],
    });
  });

  it('let ten loads wait for each that runs, for a second', () => {
    expect(resolveOriginOptions('pricing', { concurrency: 8 }).resolved.limit).toEqual({
      concurrency: 8,
      queue: 80,
      queueDeadlineMs: 1_000,
    });
  });

  it('are taken as declared', () => {
    const declared: OriginOptions = {
      concurrency: 1,
      queue: 0,
      queueDeadline: '250ms',
      breaker: { failures: 1, pause: '2s' },
    };

    expect(resolveOriginOptions('pricing', declared)).toEqual({
      resolved: {
        name: 'pricing',
        limit: { concurrency: 1, queue: 0, queueDeadlineMs: 250 },
        breaker: { failuresInARow: 1, pauseMs: 2_000 },
      },
      problems: [],
    });
  });

  it('take a part of the breaker, or none of it', () => {
    expect(resolveOriginOptions('pricing', { breaker: { pause: '1m' } }).resolved.breaker).toEqual({
      failuresInARow: 5,
      pauseMs: 60_000,
    });
    expect(resolveOriginOptions('pricing', { breaker: false })).toMatchObject({
      resolved: { breaker: undefined },
      problems: [],
    });
  });

  it.each([
    [{ concurrency: 0 }, 'concurrency must be a whole number from 1 up, not 0'],
    [{ concurrency: 1.5 }, 'concurrency must be a whole number from 1 up, not 1.5'],
    [{ concurrency: Infinity }, 'concurrency must be a whole number from 1 up, not Infinity'],
    [{ concurrency: '5' }, "concurrency must be a whole number from 1 up, not '5'"],
    [{ concurrency: 1, queue: -1 }, 'queue must be a whole number from 0 up, not -1'],
    [{ concurrency: 1, queue: {} }, 'queue must be a whole number from 0 up, not an object'],
    [{ concurrency: 1, queueDeadline: 0 }, 'queueDeadline must be longer than 0'],
    [{ concurrency: 1, queueDeadline: '1 second' }, "queueDeadline: '1 second' is not a duration"],
    [
      { concurrency: 1, queueDeadline: 999 },
      "queueDeadline: 999 means 999 milliseconds, which is nearly always meant as seconds; write the unit: '999s' or '999ms'",
    ],
    [{ breaker: { failures: 0 } }, 'breaker.failures must be a whole number from 1 up, not 0'],
    [{ breaker: { pause: '0s' } }, 'breaker.pause must be longer than 0'],
    [
      { breaker: { pause: 5 } },
      "breaker.pause: 5 means 5 milliseconds, which is nearly always meant as seconds; write the unit: '5s' or '5ms'",
    ],
    [{ breaker: true }, 'breaker must be false or an object with failures, pause'],
    [{ breaker: null }, 'breaker must be false or an object with failures, pause'],
    [{ breaker: { retries: 3 } }, "there is no option 'breaker.retries' (there are failures, pause)"],
    [{ retries: 3 }, "there is no option 'retries' (there are concurrency, queue, queueDeadline, breaker)"],
    [undefined, 'its options must be an object with concurrency, queue, queueDeadline, breaker'],
    [{ queue: 5 }, 'queue and queueDeadline have no meaning without concurrency, since nobody would wait'],
    [{ queueDeadline: '1s' }, 'queue and queueDeadline have no meaning without concurrency, since nobody would wait'],
  ])('%j have one problem', (options, problem) => {
    expect(problemsOf(options)).toEqual([`origin 'pricing': ${problem}`]);
  });

  it.each([
    { concurrency: 1, queueDeadline: 1_000 },
    { concurrency: 1, queueDeadline: '1ms' },
  ])('%j have none', (options) => {
    expect(problemsOf(options)).toEqual([]);
  });

  it('tell everything that is wrong at once', () => {
    expect(problemsOf({ concurrency: 0, queueDeadline: 0, breaker: { failures: -1, pause: 'soon' } })).toHaveLength(4);
  });
});
