import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CACHES } from '../caches.js';
import { notConverged } from './convergence.js';
import { madeUp, type MadeUpWrite } from './made-up-record.js';
import { changedContent, foreignContent } from './own-content.js';
import { checksOf } from './promises.js';
import { refusedButDone } from './refusals.js';
import { simulatedRegister } from './simulated-register.js';
import { convergedAfterMs, stalenessOf } from './staleness.js';

const WRITES: readonly MadeUpWrite[] = [
  { begun: 10, committed: 15, ended: 20 },
  { begun: 30, committed: 35, ended: 40 },
];
const read = (version: number, begun: number, more: { readonly by?: string; readonly content?: string } = {}) => ({
  version,
  begun,
  ended: begun + 1,
  ...more,
});
const faults = (accused: readonly { readonly fault: string }[]) => accused.map(({ fault }) => fault);

describe('What a value says of itself', () => {
  it('names the register that was asked for, and the user with it', () => {
    expect(foreignContent(madeUp(WRITES, [read(1, 25)]))).toEqual([]);
    expect(faults(foreignContent(madeUp(WRITES, [read(1, 25, { content: '1/user/2' })])))).toEqual(['foreign']);
  });

  it('is the same for ever under a key that carries the version', () => {
    expect(changedContent(madeUp(WRITES, [read(1, 25, { content: 'w1' }), read(1, 90, { content: 'w1' })]))).toEqual(
      [],
    );
    expect(faults(changedContent(madeUp(WRITES, [read(1, 25, { content: 'w2' })])))).toEqual(['changed']);
    expect(faults(changedContent(madeUp(WRITES, [read(3, 25, { content: 'w3' })])))).toEqual(['changed']);
  });
});

describe('After the last write', () => {
  const everywhere = [read(2, 100, { by: 'one' }), read(2, 101, { by: 'two' })];

  it('everybody shows it, and everybody was asked', () => {
    expect(notConverged(madeUp(WRITES, everywhere), ['one', 'two'], 100e6, false)).toEqual([]);
    expect(faults(notConverged(madeUp(WRITES, everywhere), ['one', 'two', 'three'], 100e6, false))).toEqual([
      'not-asked',
    ]);
    expect(faults(notConverged(madeUp(WRITES, [...everywhere, read(1, 102)]), ['one'], 100e6, false))).toEqual([
      'not-converged',
    ]);
  });

  it('what nobody was told had succeeded is excused where the level excuses it', () => {
    const lost = [...WRITES, { begun: 50, committed: 55 }];

    expect(notConverged(madeUp(lost, everywhere), ['one'], 100e6, true)).toEqual([]);
    expect(faults(notConverged(madeUp(lost, everywhere), ['one'], 100e6, false))).toEqual([
      'not-converged',
      'not-converged',
    ]);
  });

  it('the time until nobody is behind is counted from its acknowledgement', () => {
    expect(convergedAfterMs(madeUp(WRITES, [read(1, 50), read(1, 65), read(2, 90)]))).toBe(25);
    expect(convergedAfterMs(madeUp(WRITES, [read(1, 39)]))).toBe(0);
  });
});

describe('A write that was refused', () => {
  it('is in the database nowhere', () => {
    expect(refusedButDone(madeUp(WRITES))).toEqual([]);
    expect(faults(refusedButDone(madeUp([{ begun: 1, ended: 2, outcome: 'refused' }])))).toEqual(['refused-but-done']);
  });
});

describe('The staleness of a read', () => {
  it('is how long a later version had been acknowledged when it began', () => {
    expect(stalenessOf(madeUp(WRITES, [read(0, 19), read(0, 27), read(1, 50), read(2, 60)]))).toEqual([0, 7, 10, 0]);
  });

  it('is 0 for all that a correct register answers', () => {
    fc.assert(
      fc.property(simulatedRegister(0), ({ writes, reads }) => {
        expect(stalenessOf(madeUp(writes, reads)).filter((ms) => ms > 0)).toEqual([]);
      }),
    );
  });
});

describe('A cache of any level', () => {
  it.each(CACHES.filter(({ level }) => level !== 'immutable'))(
    '$name is held to its promise and to no other',
    (cache) => {
      const inSession = { session: 'a' };
      const stale = { ...read(0, 3_000), ...inSession };
      const late = { ...read(1, 35.5), ended: 36 };
      const accusedOf = (record: ReturnType<typeof madeUp>) =>
        checksOf(cache).flatMap((check) => faults(check(record)));

      expect(accusedOf(madeUp(WRITES, [stale]))).not.toEqual([]);
      expect(accusedOf(madeUp(WRITES, [late]))).toEqual(cache.level === 'linearizable' ? ['not-current'] : []);
    },
  );
});
