import { beforeEach, describe, expect, it } from '@jest/globals';
import { resolveOriginOptions } from '../../src/resilience/origin-options.js';
import { Deferred } from '../support/deferred.js';
import { EngineUnderTest } from '../support/engine-under-test.js';

const SMALL = resolveOriginOptions('small', { concurrency: 1, queue: 2, queueDeadline: '1s', breaker: false }).resolved;
const CACHE = { consistency: 'eventual', ttl: '1m', load: { origin: 'small' } } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let engine: EngineUnderTest;
beforeEach(() => {
  engine = new EngineUnderTest({ origins: [SMALL] });
});

// The page had the only place at the origin, and joined the load of its part, which waited for that place: both failed after a
// second in which the origin had nothing to do.
it.each([
  ['', true],
  [' while the versions cannot be read', false],
] as const)('a load that has a place does not wait for one that is queued for it%s', async (_, isWell) => {
  const gate = new Deferred();
  const part = engine.cached({ ...CACHE, name: 'part' }, () => Promise.resolve('a part'));
  const page = engine.cached({ ...CACHE, name: 'page' }, async () => {
    await gate.promise;
    return `made of ${await part()}`;
  });
  if (!isWell) engine.versions.readOrMint = () => Promise.reject(new Error('the store is down'));
  const [whole, alone] = [page(), part()];
  await turn();
  gate.resolve();

  expect(await Promise.all([whole, alone])).toEqual(['made of a part', 'a part']);
});

describe('what a load has left behind', () => {
  // It kept the place of a load that had given it back, and went past the limit for good.
  it('has to ask for places like anybody else', async () => {
    const gate = new Deferred();
    const answers = new Deferred<string>();
    const asked: number[] = [];
    const part = engine.cached({ ...CACHE, name: 'part' }, async (n: number) => {
      asked.push(n);
      return answers.promise;
    });
    let leftBehind: Promise<unknown> = Promise.resolve();
    const page = engine.cached({ ...CACHE, name: 'page' }, () => {
      leftBehind = gate.promise.then(() => Promise.all([part(1), part(2)]));
      return Promise.resolve('a page');
    });
    await page();
    gate.resolve();
    await turn();
    expect(asked).toEqual([1]);

    answers.resolve('a part');
    expect(await leftBehind).toEqual(['a part', 'a part']);
  });
});
