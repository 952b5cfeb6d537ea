import { expect, it } from '@jest/globals';
import { EngineUnderTest } from '../support/engine-under-test.js';

class NotThere extends Error {}

// A value that was made of what other programs write is stored under no promise that sees writes; an error was remembered.
it.each(['strong', 'session'] as const)(
  'an error made of external writes is not remembered under %s',
  async (consistency) => {
    const engine = new EngineUnderTest();
    let rows = 0;
    const count = engine.cached(
      {
        name: 'rows',
        consistency: 'bounded',
        tolerance: { max: '1m' },
        writes: 'external',
        tags: { row: () => 'all' },
      },
      () => Promise.resolve(rows),
    );
    const page = engine.cached(
      {
        name: 'page',
        consistency,
        ...(consistency === 'session' ? { tolerance: { max: '1m' } as const } : {}),
        negative: { ttl: '5s', errors: (error) => error instanceof NotThere },
      },
      async () => {
        if ((await count()) === 0) throw new NotThere();
        return 'a page';
      },
    );
    await expect(page()).rejects.toThrow(NotThere);
    // Past every cache, and nobody is told.
    rows = 1;

    expect(await page()).toBe('a page');
  },
);
