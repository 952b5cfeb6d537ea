import { describe, expect, it } from '@jest/globals';
import { CallerSession } from '../../../src/context/caller-session.js';
import { InProcessVersionStore } from '../../../src/coordination/in-process/in-process-version-store.js';
import { Deferred } from '../../support/deferred.js';
import { EngineUnderTest } from '../../support/engine-under-test.js';

const ROW = { row: (row: string) => row };
const SESSION = { name: 'rows', consistency: 'session', tags: ROW, tolerance: { max: '1m' } } as const;

describe('a caller whose eviction failed', () => {
  class FailingToBump extends InProcessVersionStore {
    override bump(): Promise<void> {
      return Promise.reject(new Error('the store is down'));
    }
  }

  it('sees its own write all the same, while others see the old value within its bound', async () => {
    const engine = new EngineUnderTest({ versions: new FailingToBump(100) });
    let source = 1;
    const read = engine.cached(SESSION, (row: string) => Promise.resolve(row === 'a' ? source : 0));
    const write = engine.writing({ tags: ROW }, (row: string) => {
      source = 2;
      return Promise.resolve(row);
    });
    const inSession = sessionsOf(engine);
    const own = inSession();
    const other = inSession();
    await own(() => read('a'));
    engine.clock.advance('5ms');
    expect(await other(() => read('a'))).toBe(1);
    engine.clock.advance('5ms');
    await expect(own(() => write('a'))).rejects.toThrow('could not be evicted');

    expect(await other(() => read('a'))).toBe(1);
    expect(await own(() => read('a'))).toBe(2);
  });
});

describe('a write that evicts only before it runs, or fails after it has committed', () => {
  it.each([
    ['before', { when: 'before' }, () => Promise.resolve()],
    ['failing', {}, () => Promise.reject(new Error('the answer was lost'))],
  ] as const)('is seen by its own caller (%s)', async (_, policy, ends) => {
    const engine = new EngineUnderTest();
    let source = 1;
    const read = engine.cached(SESSION, (row: string) => Promise.resolve(row === 'a' ? source : 0));
    const inSession = sessionsOf(engine);
    const own = inSession();
    const other = inSession();
    const write = engine.writing({ tags: ROW, ...policy }, async (row: string): Promise<void> => {
      engine.clock.advance('5ms');
      // Loaded and stored after the eviction, and before the commit.
      await other(() => read(row));
      engine.clock.advance('5ms');
      source = 2;
      await ends();
    });
    await own(() => read('begins'));
    engine.clock.advance('5ms');
    await own(() => write('a')).catch(() => undefined);

    expect(await own(() => read('a'))).toBe(2);
  });
});

describe('a session value that is made of other cached values', () => {
  it.each(['bounded', 'eventual', 'session', 'strong'] as const)('is not made of an older %s entry', async (level) => {
    const engine = new EngineUnderTest();
    let source = 1;
    const lifetime = level === 'eventual' ? ({ ttl: '1m' } as const) : {};
    const bound = level === 'bounded' || level === 'session' ? ({ tolerance: { max: '1m' } } as const) : {};
    const part = engine.cached({ name: 'part', consistency: level, tags: ROW, ...lifetime, ...bound }, (row: string) =>
      Promise.resolve(row === 'a' ? source : 0),
    );
    const whole = engine.cached(SESSION, (row) => part(row));
    const own = sessionsOf(engine)();
    await own(() => part('a'));
    engine.clock.advance('5ms');
    // Nobody evicts, and yet the caller has seen it.
    source = 2;

    expect(await own(() => whole('a'))).toBe(2);
  });
});

describe('a caller that was answered beside the cache', () => {
  it('is not taken back by an entry that is older than that answer', async () => {
    const engine = new EngineUnderTest();
    let source = 1;
    let isCached = true;
    const read = engine.cached({ ...SESSION, condition: () => isCached }, (row) =>
      Promise.resolve(row === 'a' ? source : 0),
    );
    const own = sessionsOf(engine)();
    expect(await own(() => read('a'))).toBe(1);
    engine.clock.advance('5ms');
    source = 2;
    isCached = false;
    expect(await own(() => read('a'))).toBe(2);
    isCached = true;

    expect(await own(() => read('a'))).toBe(2);
  });
});

describe('a caller that has seen a newer value', () => {
  /** Two instances over one store: a load elsewhere read the row before the commit, and has not answered yet. */
  async function whileAnOldLoadRuns(unless: () => boolean = () => false) {
    const here = new EngineUnderTest();
    const { clock, entries, versions } = here;
    const there = new EngineUnderTest({ clock, entries: () => entries, versions });
    let source = 1;
    const slow = new Deferred();
    const query = (): Promise<number> => Promise.resolve(source);
    const read = here.cached({ ...SESSION, unless }, query);
    const readThere = there.cached(SESSION, async () => {
      const value = source;
      await slow.promise;
      return value;
    });
    const own = sessionsOf(here)();
    await own(() => read('begins'));
    clock.advance('5ms');
    const running = sessionsOf(here)()(() => readThere('a'));
    await Promise.resolve();
    clock.advance('5ms');
    source = 2;
    clock.advance('5ms');

    return { clock, own, read, readThere, running, slow, another: sessionsOf(here)() };
  }

  it('as an entry of somebody else, is not taken back by one that was loaded before it and stored after it', async () => {
    const { clock, own, read, running, slow, another } = await whileAnOldLoadRuns();
    await another(() => read('a'));
    expect(await own(() => read('a'))).toBe(2);
    slow.resolve();
    expect(await running).toBe(1);
    clock.advance('5ms');

    expect(await own(() => read('a'))).toBe(2);
  });

  it('does not join a load that had begun before', async () => {
    // Not stored, or the caller would find its own entry instead of the running load.
    const { own, read, readThere, running, slow } = await whileAnOldLoadRuns(() => true);
    expect(await own(() => read('a'))).toBe(2);
    const answer = own(() => readThere('a'));
    slow.resolve();
    expect(await running).toBe(1);

    expect(await answer).toBe(2);
  });
});

it('a caller without a session is given nothing that was loaded before it came', async () => {
  const engine = new EngineUnderTest();
  let loads = 0;
  const read = engine.cached(SESSION, (row: string) => Promise.resolve(row === 'a' ? (loads += 1) : 0));

  expect([await read('a'), await read('a')]).toEqual([1, 2]);
  expect(engine.story()).toContain('entry-missed rows no-session');
});

/** Sessions of callers, each of which goes on from one call to the next. */
function sessionsOf({ clock, scopes, versions }: EngineUnderTest): () => <T>(work: () => T) => T {
  const issue = { secret: 'of the tests', epoch: () => versions.epoch, clock, report: () => undefined };

  return () => {
    const session = new CallerSession(issue, () => undefined);
    return (work) => scopes.within({ session }, work);
  };
}
