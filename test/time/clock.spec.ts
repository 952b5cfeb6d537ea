import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { RunningClock, SystemClock } from '../../src/time/clock.js';

afterEach(() => {
  jest.restoreAllMocks();
});

/** The two clocks of a machine, to be set at will. */
function machine(): { wallMs: number; runningMs: number } {
  const clocks = { wallMs: 1_000_000, runningMs: 500 };
  jest.spyOn(Date, 'now').mockImplementation(() => clocks.wallMs);
  jest.spyOn(performance, 'now').mockImplementation(() => clocks.runningMs);

  return clocks;
}

describe('the clock of the machine', () => {
  it('begins at the wall clock and moves with both', () => {
    const clocks = machine();
    const clock = new SystemClock();
    expect(clock.nowMs()).toBe(1_000_000);

    clocks.wallMs += 250;
    clocks.runningMs += 250.5;

    expect(clock.nowMs()).toBe(1_000_250.5);
  });

  it('does not go back when the wall clock is set back (G5)', () => {
    const clocks = machine();
    const clock = new SystemClock();

    clocks.wallMs -= 3_600_000;
    clocks.runningMs += 10;

    expect(clock.nowMs()).toBe(1_000_010);
  });

  it('goes along when the wall clock leaps, as after a suspended machine (G5)', () => {
    const clocks = machine();
    const clock = new SystemClock();

    clocks.wallMs += 3_600_000;
    expect(clock.nowMs()).toBe(4_600_000);
    clocks.wallMs -= 3_600_000;
    clocks.runningMs += 1;

    expect(clock.nowMs()).toBe(4_600_001);
  });

  it('is not dragged back by a wall clock that counts whole milliseconds', () => {
    const clocks = machine();
    const clock = new SystemClock();
    const seen = Array.from({ length: 50 }, (_, step) => {
      clocks.runningMs = 500 + step * 0.3;
      clocks.wallMs = 1_000_000 + Math.floor(step * 0.3);
      return clock.nowMs();
    });

    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

it('the clock of the process does not hear of the wall clock', () => {
  const clocks = machine();
  const clock = new RunningClock();

  clocks.wallMs += 3_600_000;
  clocks.runningMs += 10;

  expect(clock.nowMs()).toBe(510);
});

it('a manual clock moves only when told', () => {
  const clock = new ManualClock(1_000);
  expect([clock.nowMs(), clock.nowMs()]).toEqual([1_000, 1_000]);

  clock.advance('1.5s');

  expect(clock.nowMs()).toBe(2_500);
});

describe('a clock that is told to call back', () => {
  it('does so once the time has passed, unless called off', () => {
    const clock = new ManualClock(0);
    const rang: string[] = [];
    const ring = (name: string) => () => rang.push(`${name} at ${clock.nowMs()}`);
    clock.after(20, ring('second'));
    clock.after(10, ring('first'));
    const callOff = clock.after(15, ring('never'));
    callOff();

    clock.advance('9ms');
    expect(rang).toEqual([]);
    clock.advance('11ms');
    expect(rang).toEqual(['first at 10', 'second at 20']);
  });

  it('calls whoever an earlier call has made wait, on the same way', () => {
    const clock = new ManualClock(0);
    const rang: number[] = [];
    clock.after(10, () => clock.after(10, () => rang.push(clock.nowMs())));
    clock.advance('50ms');

    expect(rang).toEqual([20]);
    expect(clock.nowMs()).toBe(50);
  });

  it('of the machine waits in real time', async () => {
    const clock = new SystemClock();
    const before = clock.nowMs();
    await new Promise<void>((resolve) => {
      // Without another timer nothing would keep this process alive.
      const alive = setInterval(() => undefined, 1_000);
      clock.after(20, () => {
        clearInterval(alive);
        resolve();
      });
    });

    expect(clock.nowMs() - before).toBeGreaterThanOrEqual(19);
  });
});
