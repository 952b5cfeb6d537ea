import { afterEach, expect, it, jest } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

// cache-manager's `wrap` counts a ttl from the moment of storing: what took 900 ms to load is served until 1.9 s after it
// was read, under a ttl of one second.

afterEach(() => {
  jest.restoreAllMocks();
});

it('the peer serves a value 1.8 s after it was read, under a ttl of 1 s', async () => {
  let nowMs = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  const cache = createCache();
  const slow = new Deferred();
  let price = 1;
  const read = (): Promise<number> =>
    cache.wrap(
      'price',
      async () => {
        const seen = price;
        await slow.promise;
        return seen;
      },
      1_000,
    );

  const first = read();
  await cache.get('price');
  price = 2;
  nowMs += 900;
  slow.resolve();
  await first;
  nowMs += 900;

  expect(await read()).toBe(1);
});

it.each(['bounded', 'eventual'] as const)('%s counts from the start of the load, to the millisecond', async (level) => {
  const engine = new EngineUnderTest();
  const slow = new Deferred();
  let price = 1;
  const bound = level === 'bounded' ? { tolerance: { max: '1s' as const } } : { ttl: '1s' as const };
  const read = engine.cached({ name: 'prices', consistency: level, ...bound }, async () => {
    const seen = price;
    await slow.promise;
    return seen;
  });

  const first = read();
  price = 2;
  engine.clock.advance('900ms');
  slow.resolve();
  await first;
  engine.clock.advance('99ms');
  expect(await read()).toBe(1);
  engine.clock.advance('2ms');

  expect(await read()).toBe(2);
});

it('a hit prolongs nothing', async () => {
  const engine = new EngineUnderTest();
  let loads = 0;
  const read = engine.cached({ name: 'prices', consistency: 'eventual', ttl: '1s' }, async () =>
    Promise.resolve((loads += 1)),
  );

  await read();
  for (let step = 0; step < 3; step += 1) {
    engine.clock.advance('300ms');
    await read();
  }
  engine.clock.advance('100ms');

  expect(await read()).toBe(2);
});
