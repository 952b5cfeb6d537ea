import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { ServerClock } from '../../../src/coordination/redis/server-clock.js';

const SERVER_START_MS = Date.UTC(2026, 5, 1);
/** What one clock may go wrong in either direction; twice that lies between two. */
const SLEW = 0.00049;

/** Our machine and the nodes', all of which run at their own speed. */
class Machines {
  readonly local = new ManualClock(1_000_000);
  readonly running = new ManualClock(5_000);
  readonly serverMs = new Map<string, number>();

  constructor(nodes: Readonly<Record<string, number>> = { a: 0 }) {
    for (const [node, skewMs] of Object.entries(nodes)) this.serverMs.set(node, SERVER_START_MS + skewMs);
  }

  /** Another process on this machine. */
  clock(): ServerClock {
    return new ServerClock(this.local, this.running);
  }

  pass(ms: number, { ours = 1, theirs = 1 } = {}): void {
    this.local.advance(ms * ours);
    this.running.advance(ms * ours);
    for (const [node, atMs] of this.serverMs) this.serverMs.set(node, atMs + ms * theirs);
  }

  set(node: string, byMs: number): void {
    this.serverMs.set(node, this.timeOf(node) + byMs);
  }

  timeOf(node = 'a'): number {
    return this.serverMs.get(node) ?? NaN;
  }

  probe(clocks: readonly ServerClock[], { node = 'a', thereMs = 0, backMs = 0 } = {}): void {
    const sentMs = this.local.nowMs();
    this.pass(thereMs);
    const serverMs = this.timeOf(node);
    this.pass(backMs);
    for (const clock of clocks) {
      clock.learn({ node, epoch: 'e', sentMs, receivedMs: this.local.nowMs(), serverMs });
    }
  }
}

const SPEED = fc.double({ min: 1 - SLEW, max: 1 + SLEW, noNaN: true });
const LATENCY_MS = fc.double({ min: 0, max: 400, noNaN: true });
const STEP = fc.oneof(
  fc.record({
    is: fc.constant('pass' as const),
    ms: fc.double({ min: 0, max: 60_000, noNaN: true }),
    ours: SPEED,
    theirs: SPEED,
  }),
  fc.record({ is: fc.constant('probe' as const), thereMs: LATENCY_MS, backMs: LATENCY_MS }),
  // The machine was suspended: the clock that counts that time leaps, the other does not.
  fc.record({ is: fc.constant('suspend' as const), ms: fc.double({ min: 0, max: 3_600_000, noNaN: true }) }),
);

describe("the server's clock", () => {
  it('lies between what a probe said and that plus its latency', () => {
    const machines = new Machines();
    const clock = machines.clock();

    machines.probe([clock], { thereMs: 30, backMs: 10 });

    expect(clock.earliestMs()).toBe(SERVER_START_MS + 30);
    expect(clock.nowMs()).toBeCloseTo(SERVER_START_MS + 70, 0);
    expect(machines.timeOf()).toBe(SERVER_START_MS + 40);
  });

  it('grows uncertain by a thousandth of the time since the last probe', () => {
    const machines = new Machines();
    const clock = machines.clock();
    machines.probe([clock]);

    machines.pass(10_000);

    expect(machines.timeOf() - clock.earliestMs()).toBeCloseTo(10, 2);
    expect(clock.nowMs() - machines.timeOf()).toBeCloseTo(10, 2);
  });

  it('is not made less certain by a slow probe after a quick one', () => {
    const machines = new Machines();
    const clock = machines.clock();
    machines.probe([clock]);

    machines.probe([clock], { thereMs: 200, backMs: 200 });

    expect(clock.nowMs() - clock.earliestMs()).toBeLessThan(1);
  });

  it('is infinitely late, and infinitely early, until it was asked', () => {
    const machines = new Machines();
    const clock = machines.clock();
    expect([clock.earliestMs(), clock.nowMs()]).toEqual([-Infinity, Infinity]);

    machines.probe([clock]);

    expect(clock.nowMs()).toBe(SERVER_START_MS);
  });

  it('is always within the limits, and the later one never goes back', () => {
    fc.assert(
      fc.property(fc.array(STEP, { minLength: 1, maxLength: 40 }), (steps) => {
        const machines = new Machines();
        const clock = machines.clock();
        machines.probe([clock]);
        let seenMs = clock.nowMs();
        for (const step of steps) {
          if (step.is === 'pass') machines.pass(step.ms, step);
          if (step.is === 'probe') machines.probe([clock], step);
          if (step.is === 'suspend') {
            machines.local.advance(step.ms);
            machines.set('a', step.ms);
          }
          // A hundredth for what 64 bits cannot tell apart.
          expect(clock.earliestMs()).toBeLessThanOrEqual(machines.timeOf() + 0.01);
          expect(clock.nowMs()).toBeGreaterThanOrEqual(machines.timeOf() - 0.01);
          expect(clock.nowMs()).toBeGreaterThanOrEqual(seenMs);
          seenMs = clock.nowMs();
        }
      }),
    );
  });

  it('does not believe a wall clock of ours that was set ahead when it stamps an entry', () => {
    const machines = new Machines();
    const clock = machines.clock();
    machines.probe([clock]);

    machines.local.advance('1h');

    expect(clock.earliestMs()).toBeLessThanOrEqual(machines.timeOf());
  });
});

describe("a server's clock that is set", () => {
  it('back does not make what was stamped before look younger, nor go back itself', () => {
    const machines = new Machines();
    const [reader, writer] = [machines.clock(), machines.clock()];
    machines.probe([reader, writer], { thereMs: 5, backMs: 5 });
    const [beforeMs, stampMs] = [reader.nowMs(), writer.earliestMs()];

    machines.set('a', -30_000);
    machines.pass(1_000);
    machines.probe([reader, writer], { thereMs: 5, backMs: 5 });
    machines.pass(1_000);

    expect(reader.nowMs() - stampMs).toBeGreaterThanOrEqual(2_000);
    expect(reader.nowMs()).toBeGreaterThan(beforeMs);
  });

  it('back has new entries stamped so that a process that starts later does not take them for younger', () => {
    const machines = new Machines();
    const writer = machines.clock();
    machines.probe([writer]);
    machines.set('a', -30_000);
    machines.probe([writer]);
    const stampMs = writer.earliestMs();

    machines.pass(2_000);
    const reader = machines.clock();
    machines.probe([reader]);

    expect(reader.nowMs() - stampMs).toBeGreaterThanOrEqual(2_000);
  });

  it('back costs the processes that saw it as much age as it was set back', () => {
    const machines = new Machines();
    const clock = machines.clock();
    machines.probe([clock]);
    machines.set('a', -30_000);
    machines.probe([clock]);

    expect(clock.nowMs() - clock.earliestMs()).toBeCloseTo(30_000, 0);
  });

  it('back twice keeps both steps', () => {
    const machines = new Machines();
    const clock = machines.clock();
    machines.probe([clock]);
    const stampMs = clock.earliestMs();
    for (const byMs of [-30_000, -10_000]) {
      machines.set('a', byMs);
      machines.probe([clock]);
    }

    machines.pass(2_000);

    expect(clock.nowMs() - stampMs).toBeGreaterThanOrEqual(2_000);
  });

  it('ahead is followed at once, and makes good for an earlier step back', () => {
    const machines = new Machines();
    const clock = machines.clock();
    machines.probe([clock]);
    machines.set('a', -30_000);
    machines.probe([clock]);
    machines.set('a', 40_000);
    machines.probe([clock]);

    expect(clock.earliestMs()).toBe(machines.timeOf());
    expect(clock.nowMs()).toBeCloseTo(machines.timeOf(), 0);
  });
});

describe('the clocks of several nodes', () => {
  it('make one that is no earlier than any and no later than any', () => {
    const machines = new Machines({ a: 0, b: 7, c: -4 });
    const clock = machines.clock();
    for (const node of ['a', 'b', 'c']) machines.probe([clock], { node });

    expect(clock.nowMs()).toBeGreaterThanOrEqual(machines.timeOf('b'));
    expect(clock.earliestMs()).toBeLessThanOrEqual(machines.timeOf('c'));
  });

  it('never make an entry younger for a process that hears of other nodes', () => {
    const machines = new Machines({ a: 50, b: 0, c: -50 });
    const [writer, reader] = [machines.clock(), machines.clock()];
    for (const node of ['a', 'b']) machines.probe([writer], { node });
    for (const node of ['b', 'c']) machines.probe([reader], { node });

    expect(reader.nowMs() - writer.earliestMs()).toBeGreaterThanOrEqual(0);
  });

  it('forget one that is silent while others answer', () => {
    const machines = new Machines({ a: 0, b: 500 });
    const clock = machines.clock();
    for (const node of ['a', 'b']) machines.probe([clock], { node });
    const beforeMs = clock.nowMs();

    for (let second = 0; second < 12; second += 1) {
      machines.pass(1_000);
      machines.probe([clock]);
    }

    expect(clock.nowMs()).toBeGreaterThan(beforeMs);
    expect(clock.nowMs() - clock.earliestMs()).toBeLessThan(1);
  });

  it('go on where the only one is replaced by another that is behind', () => {
    const machines = new Machines({ a: 0, b: -800 });
    const clock = machines.clock();
    machines.probe([clock], { node: 'a' });
    const stampMs = clock.earliestMs();

    for (let second = 0; second < 15; second += 1) {
      machines.pass(1_000);
      machines.probe([clock], { node: 'b' });
    }

    expect(clock.nowMs() - stampMs).toBeGreaterThanOrEqual(15_000);
  });
});
