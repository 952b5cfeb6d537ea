import { describe, expect, it } from '@jest/globals';
import { byPriority, randomFrom } from './choices.js';
import { everyOrder, repeat, someOrders } from './exploration.js';
import type { Begin } from './exploration.js';
import { casesOf } from './play.js';
import type { Case, Play } from './play.js';
import { replayCase, runCase } from './run-cases.js';

/** Two who each read a number, wait, and write it back increased: one of them may be lost. */
const lostUpdate: Begin = (scheduler) => {
  let stored = 0;
  const increase = async (who: string): Promise<void> => {
    await scheduler.gate(`${who}: reads`);
    const read = stored;
    await scheduler.gate(`${who}: writes`);
    stored = read + 1;
  };

  return {
    operations: () => [increase('a'), increase('b')],
    verdict: () => (stored === 2 ? [] : [`${stored} of 2`]),
  };
};

/** One of two who take as many steps must not be the first to end. */
const deepFault: Begin = (scheduler) => {
  const steps = 12;
  let isReady = false;
  let hasFailed = false;
  const prepare = async (): Promise<void> => {
    for (let step = 1; step <= steps; step += 1) await scheduler.gate(`slow: ${step}`);
    isReady = true;
  };
  const use = async (): Promise<void> => {
    for (let step = 1; step <= steps; step += 1) await scheduler.gate(`quick: ${step}`);
    hasFailed = !isReady;
  };
  return { operations: () => [prepare(), use()], verdict: () => (hasFailed ? ['used before it was ready'] : []) };
};

describe('every order', () => {
  it('is run once, and one that goes wrong is found', async () => {
    const found = await everyOrder(lostUpdate, 100);

    expect(found.violations).toEqual([
      { what: '1 of 2', replay: '0-1-0-0', order: 'a: reads > b: reads > a: writes > b: writes' },
    ]);
    expect(found.schedules).toBe(2);
  });

  it('is not complete when it was too many', async () => {
    const kept: Begin = (scheduler) => ({ ...lostUpdate(scheduler), verdict: () => [] });

    expect(await everyOrder(kept, 100)).toMatchObject({ schedules: 6, isComplete: true });
    expect(await everyOrder(kept, 5)).toMatchObject({ schedules: 5, isComplete: false });
  });

  it('says who hangs', async () => {
    const hanging: Begin = () => ({ operations: () => [new Promise(() => undefined)], verdict: () => [] });

    expect((await everyOrder(hanging, 10)).violations).toMatchObject([{ what: '1 operations hang' }]);
  });
});

describe('random orders', () => {
  it.each([deepFault, lostUpdate])('find a fault, and its seed finds it again', async (begin) => {
    const [violation] = (await someOrders(begin, { schedules: 500, seed: 1 })).violations;

    expect(violation).toBeDefined();
    expect((await repeat(begin, violation?.replay ?? '')).violations).toEqual([violation]);
  });

  it('by priorities let the highest go on until its moment comes', () => {
    const alone = byPriority(randomFrom(1), { length: 10, changes: 0 });
    const chosen = ['a: 1', 'a: 2', 'a: 3'].map((gate) => alone([gate, 'b: 1']));

    expect(new Set(chosen).size).toBe(1);
  });
});

describe('a promise that is broken', () => {
  const broken: Play = {
    name: 'store-that-replaces-nothing',
    about: 'A store says that it has evicted, and has not.',
    levels: ['strong'],
    over: ['in-memory', 'redis'],
    begin: ({ world, rows }) => {
      world.here.engine.versions.bump = () => Promise.resolve();
      const read = world.cached(rows);

      return {
        operations: () => [world.reading('r', () => read('a')), world.writing('w', 'a')],
        afterwards: () => world.reading('last', () => read('a')),
      };
    },
  };
  const cases: readonly Case[] = casesOf(broken);
  /** Orders, for each of these to be met with. */
  const ENOUGH = 200;

  it.each(cases)('is reported with what repeats it: $id', async (played) => {
    const { violations } = await runCase(played, 'ci', 1, ENOUGH);
    const [first = ''] = violations;
    const replay = /^[^:]*\/([^/:]+): /.exec(first)?.[1] ?? '';

    expect(first).toMatch(
      /^store-that-replaces-nothing\/strong\/.*: last saw a at 0, and 1 was acknowledged; after r: starts > /,
    );
    expect((await replayCase(played, replay)).violations).toEqual(violations);
  });
});
