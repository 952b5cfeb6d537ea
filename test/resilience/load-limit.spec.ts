import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LoadLimit, OriginOverloadedError } from '../../src/resilience/load-limit.js';
import type { Release } from '../../src/resilience/load-limit.js';

const DEADLINE_MS = 1_000;
const gone = new Error('the caller is gone');

describe('a limit of two loads, and two that wait', () => {
  let clock: ManualClock;
  let limit: LoadLimit;
  let story: string[];

  const held = (): Release => {
    const entered = limit.enter('here');
    if (entered instanceof Promise) throw new Error('There was no slot free');
    return entered;
  };
  const waits = (name: string, signal?: AbortSignal) =>
    Promise.resolve(limit.enter('here', signal)).then(
      (release) => {
        story.push(`${name} runs`);
        return release;
      },
      (error: unknown) => {
        story.push(`${name}: ${error instanceof OriginOverloadedError ? error.because : (error as Error).message}`);
        return () => undefined;
      },
    );

  beforeEach(() => {
    clock = new ManualClock();
    story = [];
    limit = new LoadLimit({ name: 'pricing', concurrency: 2, queue: 2, queueDeadlineMs: DEADLINE_MS, clock });
  });

  it('gives a slot without a promise while one is free', () => {
    held();
    held();

    expect(limit.enter('here')).toBeInstanceOf(Promise);
    expect(limit).toMatchObject({ running: 2, waiting: 1 });
  });

  it('hands slots on in the order of coming', async () => {
    const [first, second] = [held(), held()];
    void waits('a');
    void waits('b');
    second();
    first();
    await nextTurn();

    expect(story).toEqual(['a runs', 'b runs']);
    expect(limit).toMatchObject({ running: 2, waiting: 0 });
  });

  it('lets nobody who comes later go first', async () => {
    const release = held();
    held();
    void waits('a');
    release();
    void waits('b');
    await nextTurn();

    expect(story).toEqual(['a runs']);
    expect(limit.waiting).toBe(1);
  });

  it('frees a slot once, however often it is given back', async () => {
    const release = held();
    held();
    void waits('a');
    void waits('b');
    release();
    release();
    await nextTurn();

    expect(story).toEqual(['a runs']);
    expect(limit.running).toBe(2);
  });

  it('refuses at once whoever finds the queue full', async () => {
    held();
    held();
    void waits('a');
    void waits('b');

    await expect(limit.enter('@Cacheable on Pricing.priceOf')).rejects.toMatchObject({
      code: 'ORIGIN_OVERLOADED',
      because: 'queue-full',
      retryAfterMs: DEADLINE_MS,
      message:
        "[ORIGIN_OVERLOADED] The origin 'pricing' has 2 loads running and 2 waiting (@Cacheable on Pricing.priceOf). " +
        'Try again in 1000 ms; if the origin can take more, raise its concurrency or its queue.',
    });
    expect(story).toEqual([]);
  });

  it('refuses who has waited until the deadline, not a millisecond before', async () => {
    held();
    held();
    void waits('a');
    clock.advance(DEADLINE_MS - 1);
    await nextTurn();
    expect(story).toEqual([]);
    clock.advance(1);
    await nextTurn();

    expect(story).toEqual(['a: waited-too-long']);
    expect(limit).toMatchObject({ running: 2, waiting: 0 });
  });

  it('says for how long it was waited, and what to raise', async () => {
    held();
    held();
    const waiting = limit.enter('here');
    clock.advance(DEADLINE_MS);

    await expect(waiting).rejects.toMatchObject({
      what: "The origin 'pricing' had 2 loads running for 1000 ms, and none ended in time for this one",
      where: 'here',
      fix: expect.stringContaining('queueDeadline'),
      retryAfterMs: DEADLINE_MS,
    });
  });

  it('refuses nobody who got a slot in time', async () => {
    const release = held();
    held();
    void waits('a');
    clock.advance(DEADLINE_MS - 1);
    release();
    clock.advance('1h');
    await nextTurn();

    expect(story).toEqual(['a runs']);
  });

  it('lets who is aborted leave at once, and the next come into its place', async () => {
    const caller = new AbortController();
    const release = held();
    held();
    void waits('a', caller.signal);
    void waits('b');
    caller.abort(gone);
    expect(limit.waiting).toBe(1);
    void waits('c');
    release();
    await nextTurn();

    expect(story).toEqual(['a: the caller is gone', 'b runs']);
  });

  it('lets nobody in who is aborted already', async () => {
    await waits('a', AbortSignal.abort(gone));

    expect(story).toEqual(['a: the caller is gone']);
    expect(limit).toMatchObject({ running: 0, waiting: 0 });
  });

  it('takes no slot from who is aborted after it got one', async () => {
    const caller = new AbortController();
    const release = held();
    held();
    void waits('a', caller.signal);
    release();
    caller.abort(gone);
    await nextTurn();

    expect(story).toEqual(['a runs']);
    expect(limit.running).toBe(2);
  });

  it.each([
    [
      'served',
      (release: Release) => {
        release();
      },
    ],
    [
      'aborted',
      (_: Release, caller: AbortController) => {
        caller.abort(gone);
      },
    ],
    [
      'refused',
      (_r: Release, _c: AbortController, { advance }: { advance: () => void }) => {
        advance();
      },
    ],
  ])('waits for nothing any longer when everybody has been %s', async (_, end) => {
    const counted = new CountingClock();
    clock = counted;
    limit = new LoadLimit({ name: 'pricing', concurrency: 1, queue: 1, queueDeadlineMs: DEADLINE_MS, clock });
    const caller = new AbortController();
    const release = held();
    const waiting = waits('a', caller.signal);
    expect(counted.pending.size).toBe(1);
    end(release, caller, {
      advance: () => {
        clock.advance(DEADLINE_MS);
      },
    });
    await waiting;

    expect(counted.pending.size).toBe(0);
  });

  it('lets nobody wait where the queue has no place', async () => {
    limit = new LoadLimit({ name: 'pricing', concurrency: 1, queue: 0, queueDeadlineMs: DEADLINE_MS, clock });
    held();

    await expect(limit.enter('here')).rejects.toMatchObject({ because: 'queue-full' });
  });
});

/** Knows who waits for it. */
class CountingClock extends ManualClock {
  readonly pending = new Set<() => void>();

  override after(ms: number, callback: () => void): () => void {
    const ring = () => {
      this.pending.delete(ring);
      callback();
    };
    this.pending.add(ring);
    const callOff = super.after(ms, ring);

    return () => {
      this.pending.delete(ring);
      callOff();
    };
  }
}

/** What may happen to a limit. A number names one of those who came, modulo how many there are. */
type Step =
  | { readonly is: 'comes' }
  | { readonly is: 'leaves' | 'is aborted'; readonly who: number }
  | { readonly is: 'time passes'; readonly ms: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ is: 'comes' }) },
  { weight: 3, arbitrary: fc.nat(30).map((who): Step => ({ is: 'leaves', who })) },
  { weight: 1, arbitrary: fc.nat(30).map((who): Step => ({ is: 'is aborted', who })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 700 }).map((ms): Step => ({ is: 'time passes', ms })) },
);

/** The limit as anybody would write it who need not be fast: every queue a list, every deadline looked up. */
class PlainLimit {
  readonly states: string[] = [];
  private readonly since: number[] = [];
  private nowMs = 0;

  constructor(
    private readonly concurrency: number,
    private readonly queue: number,
  ) {}

  get running(): number {
    return this.all('runs').length;
  }

  get waiting(): number {
    return this.all('waits').length;
  }

  comes(): void {
    this.since.push(this.nowMs);
    this.states.push(this.running < this.concurrency ? 'runs' : this.waiting < this.queue ? 'waits' : 'queue-full');
  }

  leaves(who: number): void {
    if (this.states[who] !== 'runs') return;
    this.states[who] = 'left';
    const [next] = this.all('waits');
    if (next !== undefined) this.states[next] = 'runs';
  }

  isAborted(who: number): void {
    if (this.states[who] === 'waits') this.states[who] = 'aborted';
  }

  timePasses(ms: number): void {
    this.nowMs += ms;
    for (const who of this.all('waits')) {
      if ((this.since[who] ?? 0) + DEADLINE_MS <= this.nowMs) this.states[who] = 'waited-too-long';
    }
  }

  private all(state: string): number[] {
    return this.states.flatMap((each, who) => (each === state ? [who] : []));
  }
}

describe('a limit of any size', () => {
  it('serves, refuses and lets go as the plain one does, in whatever order things happen', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(4),
        fc.array(steps, { maxLength: 60 }),
        async (concurrency, queue, history) => {
          const clock = new ManualClock();
          const plain = new PlainLimit(concurrency, queue);
          const limit = new LoadLimit({ name: 'any', concurrency, queue, queueDeadlineMs: DEADLINE_MS, clock });
          const callers: Caller[] = [];

          for (const step of history) {
            const who = 'who' in step && callers.length > 0 ? step.who % callers.length : 0;
            if (step.is === 'comes') {
              callers.push(new Caller(limit));
              plain.comes();
            } else if (step.is === 'time passes') {
              clock.advance(step.ms);
              plain.timePasses(step.ms);
            } else if (step.is === 'leaves') {
              callers[who]?.leave();
              plain.leaves(who);
            } else {
              callers[who]?.abort();
              plain.isAborted(who);
            }
            expect({ running: limit.running, waiting: limit.waiting }).toEqual({
              running: plain.running,
              waiting: plain.waiting,
            });
            expect(limit.running).toBeLessThanOrEqual(concurrency);
            expect(limit.waiting).toBeLessThanOrEqual(queue);
            await nextMicrotasks();
            expect(callers.map(({ state }) => state)).toEqual(plain.states);
          }

          // Everybody who runs leaves, and so on until nobody is left: no slot has leaked.
          for (const caller of callers) {
            caller.leave();
            await nextMicrotasks();
          }
          expect({ running: limit.running, waiting: limit.waiting }).toEqual({ running: 0, waiting: 0 });
          expect(callers.every(({ state }) => state !== 'waits' && state !== 'runs')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

class Caller {
  state = 'waits';
  private readonly controller = new AbortController();
  private release: Release | undefined;

  constructor(limit: LoadLimit) {
    void this.enter(limit);
  }

  /** Gives the slot back, twice. */
  leave(): void {
    if (this.release === undefined) return;
    this.state = 'left';
    this.release();
    this.release();
  }

  abort(): void {
    this.controller.abort(gone);
  }

  private async enter(limit: LoadLimit): Promise<void> {
    try {
      this.release = await limit.enter('here', this.controller.signal);
      this.state = 'runs';
    } catch (error) {
      this.state = error instanceof OriginOverloadedError ? error.because : 'aborted';
    }
  }
}

/** As many as an answer needs to reach its caller. */
async function nextMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}
