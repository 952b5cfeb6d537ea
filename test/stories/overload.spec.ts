import { describe, expect, it } from '@jest/globals';
import { LoadContext } from '../../src/context/load-context.js';
import { resolveOriginOptions } from '../../src/resilience/origin-options.js';
import type { OriginOptions } from '../../src/resilience/origin-options.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const QUOTES = { name: 'quotes', consistency: 'eventual', ttl: '1m', tolerance: { onError: '10m' } } as const;

const origin = (name: string, options: OriginOptions) => resolveOriginOptions(name, options).resolved;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An origin of which every call waits until it is let go. */
class SlowOrigin {
  readonly calls: Deferred<string>[] = [];
  readonly asked: string[] = [];
  most = 0;
  private running = 0;

  load = async (about: string): Promise<string> => {
    this.asked.push(about);
    const call = new Deferred<string>();
    this.calls.push(call);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    try {
      return await call.promise;
    } finally {
      this.running -= 1;
    }
  };
}

describe('an origin that can take two loads at once', () => {
  const CARRIER = origin('carrier', { concurrency: 2, queue: 1, queueDeadline: '1s', breaker: false });

  it('is never asked for more, whichever caches ask it', async () => {
    const engine = new EngineUnderTest({ origins: [CARRIER] });
    const slow = new SlowOrigin();
    const quote = engine.cached({ ...QUOTES, load: { origin: 'carrier' } }, slow.load);
    const track = engine.cached({ ...QUOTES, name: 'tracks', load: { origin: 'carrier' } }, slow.load);
    const answers = [quote('a'), track('b'), quote('c')];
    await settled();
    expect(slow.calls).toHaveLength(2);
    await expect(track('d')).rejects.toMatchObject({ code: 'ORIGIN_OVERLOADED', because: 'queue-full' });

    for (let index = 0; index < 3; index += 1) {
      slow.calls[index]?.resolve(`answer ${index}`);
      await settled();
    }
    expect(await Promise.all(answers)).toEqual(['answer 0', 'answer 1', 'answer 2']);
    expect(slow.most).toBe(2);
    expect(engine.metrics.figuresOf('tracks').loadsRejected).toBe(1);
  });

  it('refuses who has waited too long, and an entry within onError answers in its place', async () => {
    const engine = new EngineUnderTest({ origins: [CARRIER] });
    const slow = new SlowOrigin();
    const quote = engine.cached({ ...QUOTES, load: { origin: 'carrier' } }, slow.load);
    const first = quote('known');
    await settled();
    slow.calls[0]?.resolve('known');
    await first;
    engine.clock.advance('1m');
    const busy = [quote('a'), quote('b')];
    await settled();
    const [known, unknown] = [quote('known'), quote('unknown')];
    unknown.catch(() => undefined);
    await settled();
    engine.clock.advance('1s');

    expect(await known).toBe('known');
    await expect(unknown).rejects.toMatchObject({ code: 'ORIGIN_OVERLOADED', because: 'queue-full' });
    for (const call of slow.calls) call.resolve('done');
    await Promise.all(busy);
  });

  it('guards calls that are left out of the cache as well', async () => {
    const engine = new EngineUnderTest({ origins: [CARRIER] });
    const slow = new SlowOrigin();
    const quote = engine.cached(
      { ...QUOTES, condition: (about: string) => about !== '', load: { origin: 'carrier' } },
      slow.load,
    );
    const answers = [quote(''), quote(''), quote('')];
    await settled();
    expect(slow.calls).toHaveLength(2);

    for (let index = 0; index < 3; index += 1) {
      slow.calls[index]?.resolve('done');
      await settled();
    }
    await Promise.all(answers);
    expect(slow.most).toBe(2);
  });

  it('gives a load within a load no second slot, so that the two cannot wait for each other', async () => {
    const engine = new EngineUnderTest({ origins: [origin('carrier', { concurrency: 1, queue: 0 })] });
    const inner = engine.cached({ ...QUOTES, name: 'inner', load: { origin: 'carrier' } }, async () =>
      Promise.resolve('answer'),
    );
    const outer = engine.cached({ ...QUOTES, load: { origin: 'carrier' } }, () => inner());

    expect(await outer()).toBe('answer');
  });
});

describe('an origin that keeps failing', () => {
  it('is left alone, tried by one load, and used again from its first success on', async () => {
    const engine = new EngineUnderTest({ origins: [origin('carrier', { breaker: { failures: 2, pause: '5s' } })] });
    let up = false;
    let calls = 0;
    const quote = engine.cached({ ...QUOTES, load: { origin: 'carrier' } }, async (about: string) => {
      calls += 1;
      if (!up) throw new Error('down');
      return Promise.resolve(`quote of ${about}`);
    });
    await expect(quote('a')).rejects.toThrow('down');
    await expect(quote('b')).rejects.toThrow('down');
    await expect(quote('c')).rejects.toMatchObject({ code: 'ORIGIN_SUSPENDED', retryAfterMs: 5_000 });
    expect(calls).toBe(2);

    up = true;
    engine.clock.advance('5s');
    expect(await quote('c')).toBe('quote of c');
    expect(await quote('d')).toBe('quote of d');
    expect(engine.story().filter((line) => line.startsWith('origin-'))).toEqual([
      'origin-suspended carrier',
      'origin-resumed carrier',
    ]);
  });

  it('is not left alone for errors that its policy does not count', async () => {
    const engine = new EngineUnderTest();
    let calls = 0;
    const quote = engine.cached(
      {
        ...QUOTES,
        load: { breaker: { failures: 1, pause: '5s' }, isFailure: (error) => String(error).includes('5xx') },
      },
      async () => {
        calls += 1;
        throw new Error(calls < 3 ? 'no such parcel' : '5xx');
      },
    );
    for (const expected of ['no such parcel', 'no such parcel', '5xx']) await expect(quote()).rejects.toThrow(expected);

    await expect(quote()).rejects.toMatchObject({ code: 'ORIGIN_SUSPENDED' });
  });
});

describe('a load that hangs', () => {
  it('is given up at its deadline, is told so, and poisons its key no longer (H11)', async () => {
    const engine = new EngineUnderTest();
    const loads = new LoadContext(engine.scopes);
    const signals: AbortSignal[] = [];
    let hangs = true;
    const quote = engine.cached({ ...QUOTES, load: { deadline: '2s' } }, async () => {
      signals.push(loads.signal());
      return hangs ? new Promise<string>(() => undefined) : Promise.resolve('quote');
    });
    const hanging = quote();
    hanging.catch(() => undefined);
    await settled();
    engine.clock.advance('1999ms');
    await settled();
    expect(signals[0]?.aborted).toBe(false);
    engine.clock.advance('1ms');

    await expect(hanging).rejects.toMatchObject({ code: 'LOAD_TIMED_OUT', deadlineMs: 2_000 });
    expect(signals[0]?.aborted).toBe(true);
    hangs = false;
    expect(await quote()).toBe('quote');
    expect(engine.metrics.figuresOf('quotes').loadsTimedOut).toBe(1);
  });

  it('stores nothing that comes after its deadline', async () => {
    const engine = new EngineUnderTest();
    const slow = new SlowOrigin();
    const quote = engine.cached({ ...QUOTES, load: { deadline: '2s' } }, slow.load);
    const late = quote('a');
    late.catch(() => undefined);
    await settled();
    engine.clock.advance('2s');
    await settled();
    slow.calls[0]?.resolve('late');
    await settled();
    const next = quote('a');
    await settled();
    slow.calls[1]?.resolve('in time');

    expect(await next).toBe('in time');
  });
});

describe('a caller that leaves', () => {
  async function crowd(leaving: readonly (AbortSignal | undefined)[]) {
    const engine = new EngineUnderTest();
    const loads = new LoadContext(engine.scopes);
    const call = new Deferred<string>();
    let signal: AbortSignal | undefined;
    let count = 0;
    const quote = engine.cached(QUOTES, () => {
      count += 1;
      signal = loads.signal();
      return call.promise;
    });
    const answers = leaving.map((each) => (each === undefined ? quote() : loads.withSignal(each, quote)));
    for (const answer of answers) answer.catch(() => undefined);
    await settled();

    return { answers, call, quote, loaded: () => count, isAborted: () => signal?.aborted === true };
  }

  it('leaves alone, while others wait for the load', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const { answers, call, isAborted, loaded } = await crowd([first.signal, second.signal]);
    first.abort(new Error('gone'));
    await expect(answers[0]).rejects.toThrow('gone');
    expect(isAborted()).toBe(false);

    call.resolve('quote');
    expect(await answers[1]).toBe('quote');
    expect(loaded()).toBe(1);
  });

  it('ends the load when it was the last, and whoever comes next has one of its own', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const { answers, quote, isAborted, loaded } = await crowd([first.signal, second.signal]);
    first.abort(new Error('gone'));
    second.abort(new Error('gone too'));
    await expect(answers[1]).rejects.toThrow('gone too');
    expect(isAborted()).toBe(true);

    void quote().catch(() => undefined);
    await settled();
    expect(loaded()).toBe(2);
  });

  it('does not end the load of a caller that cannot leave', async () => {
    const first = new AbortController();
    const { answers, call, isAborted } = await crowd([first.signal, undefined]);
    first.abort(new Error('gone'));
    await expect(answers[0]).rejects.toThrow('gone');
    expect(isAborted()).toBe(false);

    call.resolve('quote');
    expect(await answers[1]).toBe('quote');
  });

  it('leaves a load that nobody may share, too: while a write is announced', async () => {
    const engine = new EngineUnderTest();
    const loads = new LoadContext(engine.scopes);
    const writing = new Deferred();
    const loading = new Deferred<string>();
    const read = engine.cached(
      { name: 'rights', consistency: 'linearizable', tags: { right: () => 'a' } },
      () => loading.promise,
    );
    const write = engine.writing({ tags: { right: () => 'a' } }, () => writing.promise);
    const written = write();
    await settled();
    const gone = new AbortController();
    let outcome = 'waits';
    loads
      .withSignal(gone.signal, () => read())
      .then(
        () => (outcome = 'answered'),
        () => (outcome = 'left'),
      );
    await settled();
    gone.abort(new Error('gone'));
    await settled();
    const afterAbort = outcome;
    loading.resolve('x');
    writing.resolve();
    await written;
    expect(afterAbort).toBe('left');
  });

  it('that has left before it came causes no load', async () => {
    const { answers, loaded } = await crowd([AbortSignal.abort(new Error('gone'))]);

    await expect(answers[0]).rejects.toThrow('gone');
    expect(loaded()).toBe(0);
  });
});

describe('a slow load', () => {
  it('is told once it takes longer than its policy says, and not before', async () => {
    const engine = new EngineUnderTest();
    const quote = engine.cached({ ...QUOTES, load: { slowAfter: '500ms' } }, async (ms: number) => {
      engine.clock.advance(ms);
      return Promise.resolve('quote');
    });
    await quote(500);
    expect(engine.story()).not.toContain('load-slow quotes');
    await quote(501);

    expect(engine.story()).toContain('load-slow quotes');
    expect(engine.metrics.figuresOf('quotes')).toMatchObject({ slowLoads: 1, loadMsMax: 501 });
  });
});

describe('a policy with limits', () => {
  it('answers within onError when it is late, whatever its isFailure names', async () => {
    const engine = new EngineUnderTest();
    let hangs = false;
    const quote = engine.cached(
      { ...QUOTES, load: { deadline: '2s', isFailure: (error) => String(error).includes('5xx') } },
      () => (hangs ? new Promise<string>(() => undefined) : Promise.resolve('quote')),
    );
    await quote();
    engine.clock.advance('1m');
    hangs = true;
    const answer = quote();
    answer.catch(() => undefined);
    await settled();
    engine.clock.advance('2s');
    expect(await answer).toBe('quote');
  });

  it('answers within onError when its origin is left alone, whatever its isFailure names', async () => {
    const engine = new EngineUnderTest();
    let down = false;
    const quote = engine.cached(
      {
        ...QUOTES,
        load: { breaker: { failures: 1, pause: '5s' }, isFailure: (error) => String(error).includes('5xx') },
      },
      () => (down ? Promise.reject(new Error('5xx')) : Promise.resolve('quote')),
    );
    await quote();
    engine.clock.advance('1m');
    down = true;
    expect(await quote()).toBe('quote');
    expect(await quote()).toBe('quote');
  });

  it('decides for the origin that it names as well which errors count', async () => {
    const engine = new EngineUnderTest({ origins: [origin('carrier', { breaker: { failures: 1, pause: '5s' } })] });
    const quote = engine.cached(
      { ...QUOTES, load: { origin: 'carrier', isFailure: (error) => String(error).includes('5xx') } },
      () => Promise.reject(new Error('no such parcel')),
    );
    await expect(quote()).rejects.toThrow('no such parcel');
    await expect(quote()).rejects.toThrow('no such parcel');
  });

  it('does not count a full queue of the origin that it names', async () => {
    const engine = new EngineUnderTest({ origins: [origin('carrier', { concurrency: 1, queue: 0, breaker: false })] });
    const gate = new Deferred<string>();
    const quote = engine.cached(
      { ...QUOTES, load: { origin: 'carrier', breaker: { failures: 1, pause: '5s' } } },
      async (which: string) => (which === 'slow' ? gate.promise : Promise.resolve('quote')),
    );
    const slow = quote('slow');
    await settled();
    await expect(quote('a')).rejects.toMatchObject({ code: 'ORIGIN_OVERLOADED' });
    await expect(quote('b')).rejects.toMatchObject({ code: 'ORIGIN_OVERLOADED' });
    gate.resolve('quote');
    await slow;
  });

  it('does not count what an inner cache of another origin was refused', async () => {
    const engine = new EngineUnderTest({ origins: [origin('carrier', { concurrency: 1, queue: 0, breaker: false })] });
    const gate = new Deferred<string>();
    const inner = engine.cached({ ...QUOTES, name: 'inner', load: { origin: 'carrier' } }, () => gate.promise);
    const other = engine.cached({ ...QUOTES, name: 'other', load: { origin: 'carrier' } }, async () => 'x');
    const outer = engine.cached(
      { ...QUOTES, name: 'outer', load: { breaker: { failures: 1, pause: '5s' } } },
      async (which: string) => (which === 'inner' ? other() : Promise.resolve('outer')),
    );
    const slow = inner();
    await settled();
    await expect(outer('inner')).rejects.toMatchObject({ code: 'ORIGIN_OVERLOADED' });
    await expect(outer('alone')).resolves.toBe('outer');
    gate.resolve('quote');
    await slow;
  });

  it('does not end an inner load that others wait for when its own deadline passes', async () => {
    const engine = new EngineUnderTest();
    const loads = new LoadContext(engine.scopes);
    const gate = new Deferred<string>();
    const inner = engine.cached({ ...QUOTES, name: 'inner' }, () => {
      const signal = loads.signal();
      return new Promise<string>((resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
        void gate.promise.then(resolve);
      });
    });
    const outer = engine.cached({ ...QUOTES, name: 'outer', load: { deadline: '1s' } }, () => inner());
    const outerAnswer = outer();
    outerAnswer.catch(() => undefined);
    await settled();
    const innerAnswer = inner();
    innerAnswer.catch(() => undefined);
    await settled();
    engine.clock.advance('1s');
    await settled();
    gate.resolve('inner');
    await expect(outerAnswer).rejects.toMatchObject({ code: 'LOAD_TIMED_OUT' });
    expect(await innerAnswer).toBe('inner');
  });

  it('does not count what was refused among its loads', async () => {
    const engine = new EngineUnderTest();
    const quote = engine.cached(
      { ...QUOTES, load: { breaker: { failures: 1, pause: '5s' } } },
      async (which: string) => {
        engine.clock.advance('100ms');
        return Promise.reject<string>(new Error(which));
      },
    );
    await quote('a').catch(() => undefined);
    for (let each = 0; each < 10; each += 1) await quote(`b${each}`).catch(() => undefined);
    expect(engine.metrics.figuresOf('quotes')).toMatchObject({ loads: 1, loadsRejected: 10 });
    expect(engine.metrics.figuresOf('quotes').loadMsP50).toBeGreaterThan(99);
  });
});
