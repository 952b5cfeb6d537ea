import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { resolveOriginOptions } from '../../src/resilience/origin-options.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

/** As one writes it who has only ever seen errors with a response. */
const isServerError = (error: unknown): boolean => (error as { response: { status: number } }).response.status >= 500;

let unheard: unknown[];
const note = (reason: unknown): void => void unheard.push(reason);
beforeEach(() => {
  unheard = [];
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// It was asked where nobody waited for the answer: that ended the process, or left the breaker probing for ever.
it('isFailure that throws counts as a failure, and the breaker recovers', async () => {
  const { resolved } = resolveOriginOptions('rates', { breaker: { failures: 1, pause: '1s' } });
  const engine = new EngineUnderTest({ origins: [resolved] });
  let isDown = true;
  const read = engine.cached(
    {
      name: 'rates',
      consistency: 'eventual',
      ttl: '1m',
      load: { origin: 'rates', deadline: '5s', isFailure: isServerError },
    },
    () => (isDown ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve('a rate')),
  );
  await expect(read()).rejects.toThrow('ECONNREFUSED');
  await expect(read()).rejects.toMatchObject({ code: 'ORIGIN_SUSPENDED' });
  engine.clock.advance('1s');
  await expect(read()).rejects.toThrow('ECONNREFUSED');
  isDown = false;
  engine.clock.advance('5s');

  expect(await read()).toBe('a rate');
  await turn();
  expect(unheard).toEqual([]);
});

// The flight of the error never landed, so that every later caller joined it.
it('negative.errors that throws says that it is another error, which nobody remembers', async () => {
  const engine = new EngineUnderTest();
  let isDown = true;
  const read = engine.cached(
    { name: 'rates', consistency: 'strong', negative: { ttl: '5s', errors: isServerError } },
    () => (isDown ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve('a rate')),
  );
  await expect(read()).rejects.toThrow('ECONNREFUSED');
  isDown = false;

  expect(await read()).toBe('a rate');
  await turn();
  expect(unheard).toEqual([]);
});
