import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { stat } from 'node:fs';
import { afterTwoHalves } from '../../src/resilience/after-two-halves.js';
import { SystemClock } from '../../src/time/clock.js';

describe('waiting in two halves', () => {
  let clock: ManualClock;
  let rang: boolean;
  const wait = (ms: number) =>
    afterTwoHalves(clock, ms, () => {
      rang = true;
    });

  beforeEach(() => {
    clock = new ManualClock();
    rang = false;
  });

  it.each([1, 2, 3, 1_001, 1_000])('of %d ms takes as long as that, and not a millisecond less', (ms) => {
    wait(ms);
    clock.advance(ms - 1);
    expect(rang).toBe(false);
    clock.advance(1);

    expect(rang).toBe(true);
  });

  it.each([0, 499, 500, 999])('can be called off after %d of 1000 ms', (ms) => {
    const callOff = wait(1_000);
    clock.advance(ms);
    callOff();
    clock.advance('1h');

    expect(rang).toBe(false);
  });

  it('hears what came while the process stood still', async () => {
    const heard = await new Promise((resolve) => {
      // From the callback of one input to the next one, timers run in between.
      stat('.', () => {
        stat('.', () => {
          resolve('an answer');
        });
        afterTwoHalves(new SystemClock(), 20, () => {
          resolve('nothing');
        });
        standStill(60);
      });
    });

    expect(heard).toBe('an answer');
  });
});

/** Keeps the process from doing anything else. */
function standStill(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}
