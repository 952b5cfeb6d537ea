import { describe, expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

const PEOPLE = {
  name: 'people',
  consistency: 'bounded',
  tags: { person: (id: string) => id },
  tolerance: { max: '1m' },
} as const;

class Missing extends Error {}

describe('a result that says that there is nothing', () => {
  const NEGATIVE = { ...PEOPLE, negative: { ttl: '5s' } } as const;

  function people() {
    const engine = new EngineUnderTest();
    const found = new Map<string, string>();
    let loads = 0;
    const read = engine.cached(NEGATIVE, async (id: string) => {
      loads += 1;
      return Promise.resolve(found.get(id) ?? null);
    });

    return { engine, found, read, loads: () => loads };
  }

  it('lives for its own ttl', async () => {
    const { engine, found, read } = people();
    expect(await read('ada')).toBeNull();
    found.set('ada', 'Ada');
    engine.clock.advance(4_999);
    expect(await read('ada')).toBeNull();
    engine.clock.advance('1ms');

    expect(await read('ada')).toBe('Ada');
  });

  it('leaves the others theirs', async () => {
    const { engine, found, read, loads } = people();
    found.set('ada', 'Ada');
    await read('ada');
    engine.clock.advance('1m');

    expect(await read('ada')).toBe('Ada');
    expect(loads()).toBe(1);
  });

  it('does not answer past its own ttl while stale values may', async () => {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached(
      { ...NEGATIVE, ttl: '30s', negative: { ttl: '1s' }, refresh: { whileStale: true } },
      async (id: string): Promise<string | null> => {
        loads += 1;
        return Promise.resolve(id === 'ada' ? null : id);
      },
    );
    await read('ada');
    engine.clock.advance('1500ms');
    await read('ada');

    expect(engine.story()).toContain('entry-missed people ttl-passed');
    expect(loads).toBe(2);
  });

  it('is evicted by what creates it', async () => {
    const { engine, found, read } = people();
    await read('ada');
    found.set('ada', 'Ada');
    await engine.evict('person', 'ada');

    expect(await read('ada')).toBe('Ada');
  });

  it('is never served when the origin fails', async () => {
    const engine = new EngineUnderTest();
    let up = true;
    const read = engine.cached({ ...NEGATIVE, tolerance: { max: '1m', onError: '10m' } }, async (id: string) => {
      if (!up) throw new Error('down');
      return Promise.resolve(id === 'ada' ? undefined : id);
    });
    await read('ada');
    up = false;
    engine.clock.advance('5s');

    await expect(read('ada')).rejects.toThrow('down');
  });
});

describe('an error that says that there is nothing', () => {
  function people() {
    const engine = new EngineUnderTest();
    let loads = 0;
    const read = engine.cached(
      { ...PEOPLE, negative: { ttl: '5s', errors: (error) => error instanceof Missing } },
      async (id: string): Promise<string> => {
        loads += 1;
        throw id === 'nobody' ? new Missing('no such person') : new Error('down');
      },
    );

    return { engine, read, loads: () => loads };
  }

  it('is repeated for as long, and no longer', async () => {
    const { engine, read, loads } = people();
    await expect(read('nobody')).rejects.toThrow(Missing);
    engine.clock.advance(4_999);
    await expect(read('nobody')).rejects.toThrow(Missing);
    expect(loads()).toBe(1);
    engine.clock.advance('1ms');
    await expect(read('nobody')).rejects.toThrow(Missing);

    expect(loads()).toBe(2);
  });

  it('is forgotten when it is evicted', async () => {
    const { engine, read, loads } = people();
    await expect(read('nobody')).rejects.toThrow(Missing);
    await engine.evict('person', 'nobody');
    await expect(read('nobody')).rejects.toThrow(Missing);

    expect(loads()).toBe(2);
  });

  it('is not repeated to a caller that asks for the origin', async () => {
    const { engine, read, loads } = people();
    await expect(read('nobody')).rejects.toThrow(Missing);
    await expect(engine.demanding(0, () => read('nobody'))).rejects.toThrow(Missing);

    expect(loads()).toBe(2);
  });

  it('is the only one that is kept', async () => {
    const { read, loads } = people();
    await expect(read('ada')).rejects.toThrow('down');
    await expect(read('ada')).rejects.toThrow('down');

    expect(loads()).toBe(2);
  });
});
