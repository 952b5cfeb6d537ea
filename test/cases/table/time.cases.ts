import { expect } from '@jest/globals';
import { Deferred } from '../../support/deferred.js';
import { BOUND_BY_MAX, KEPT_FOR_TTL, LEVELS } from '../behavioural-case.js';
import type { BehaviouralCase, Subject } from '../behavioural-case.js';

const KEPT_FIVE_SECONDS = { ttl: '5s' } as const;

/** G. Both sides of every boundary. */
export const TIME: readonly BehaviouralCase[] = [
  {
    id: 'G1',
    title: 'serves one millisecond before the bound and exactly at it, and loads one millisecond past it',
    movesClock: true,
    levels: BOUND_BY_MAX,
    async run({ read, clock, events }) {
      await read('sku');
      clock.advance('4999ms');
      expect(await read('sku')).toBe(1);
      clock.advance('1ms');
      expect(await read('sku')).toBe(1);
      clock.advance('1ms');
      expect(await read('sku')).toBe(2);
      expect(events()).toContainEqual(expect.objectContaining({ type: 'entry-missed', because: 'bound-exceeded' }));
    },
  },
  {
    id: 'G1',
    title: 'serves one millisecond before the ttl and loads exactly at it',
    movesClock: true,
    levels: KEPT_FOR_TTL,
    cached: KEPT_FIVE_SECONDS,
    async run({ read, clock }) {
      await read('sku');
      clock.advance('4999ms');
      expect(await read('sku')).toBe(1);
      clock.advance('1ms');
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'G1',
    title: 'loads at a ttl that is shorter than the bound',
    movesClock: true,
    levels: BOUND_BY_MAX,
    cached: { ttl: '2s' },
    async run({ read, clock }) {
      await read('sku');
      clock.advance('1999ms');
      expect(await read('sku')).toBe(1);
      clock.advance('1ms');
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'G1',
    title: 'is not kept alive by being read',
    movesClock: true,
    cached: KEPT_FIVE_SECONDS,
    async run({ read, clock }) {
      await read('sku');
      for (let second = 1; second < 5; second += 1) {
        clock.advance('1s');
        expect(await read('sku')).toBe(1);
      }
      clock.advance('1001ms');
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'G1',
    title: 'serves what is asked to be a second old at most exactly a second, and not a millisecond longer',
    movesClock: true,
    levels: LEVELS.filter((level) => level !== 'immutable'),
    async run({ read, clock, caching }) {
      const fresh = (): Promise<unknown> =>
        caching.withTolerance({ max: '1s', because: 'the caller asks for less' }, () => read('sku'));
      await read('sku');
      clock.advance('1s');
      expect(await fresh()).toBe(1);
      clock.advance('1ms');
      expect(await fresh()).toBe(2);
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'G2',
    title: 'counts the time that a load takes against the bound',
    movesClock: true,
    levels: BOUND_BY_MAX,
    async run(on) {
      await loadTaking('3s', on);
      on.clock.advance('2s');
      expect(await on.read('sku')).toBe(1);
      on.clock.advance('1ms');
      expect(await on.read('sku')).toBe(2);
    },
  },
  {
    id: 'G2',
    title: 'counts the time that a load takes against the ttl',
    movesClock: true,
    levels: KEPT_FOR_TTL,
    cached: KEPT_FIVE_SECONDS,
    async run(on) {
      await loadTaking('3s', on);
      on.clock.advance('1999ms');
      expect(await on.read('sku')).toBe(1);
      on.clock.advance('1ms');
      expect(await on.read('sku')).toBe(2);
    },
  },
  {
    id: 'G2',
    title: 'gives what took longer to load than it may live to its own caller only',
    movesClock: true,
    cached: KEPT_FIVE_SECONDS,
    async run(on) {
      await loadTaking('6s', on);
      expect(on.events()).toContainEqual(
        expect.objectContaining({ type: 'load-finished', notStoredBecause: 'outlived-its-bound' }),
      );
      expect(await on.read('sku')).toBe(2);
    },
  },
  {
    id: 'G2',
    title: 'lets nobody join a load that began before what the caller accepts',
    movesClock: true,
    levels: BOUND_BY_MAX,
    async run({ read, origin, clock }) {
      const gate = new Deferred<string>();
      origin.answer = () => gate.promise;
      const first = read('sku');
      await origin.reached(1);
      clock.advance('5001ms');
      origin.answer = async () => 'new';

      expect(await read('sku')).toBe('new');
      gate.resolve('old');
      expect(await first).toBe('old');
      expect(await read('sku')).toBe('new');
    },
  },
];

/** Reads, and lets the clock run while the origin works; the load began when the clock had not moved. */
async function loadTaking(time: '3s' | '6s', { read, origin, clock }: Subject): Promise<void> {
  const gate = new Deferred<number>();
  const { answer } = origin;
  origin.answer = () => gate.promise;
  const loading = read('sku');
  await origin.reached(1);
  clock.advance(time);
  gate.resolve(1);
  await loading;
  origin.answer = answer;
}
