import { expect } from '@jest/globals';
import { isObservable, lastValueFrom, of, throwError, toArray } from 'rxjs';
import type { Observable } from 'rxjs';
import { Deferred } from '../../support/deferred.js';
import type { BehaviouralCase } from '../behavioural-case.js';

/** A. What a cached method answers. */
export const CACHEABLE: readonly BehaviouralCase[] = [
  {
    id: 'A1',
    title: 'answers three calls with one load',
    async run({ read, origin, figures }) {
      expect([await read('sku'), await read('sku'), await read('sku')]).toEqual([1, 1, 1]);
      expect(origin.loads).toEqual([['sku']]);
      expect(figures()).toMatchObject({ hit: 2, miss: 1, loads: 1 });
    },
  },
  {
    id: 'A2',
    title: 'keeps null as a value',
    async run({ read, origin }) {
      origin.answer = async () => null;

      expect([await read('sku'), await read('sku')]).toEqual([null, null]);
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'A3',
    title: 'tells the value undefined from an absent entry',
    async run({ read, origin, figures }) {
      origin.answer = async () => undefined;

      expect([await read('sku'), await read('sku')]).toEqual([undefined, undefined]);
      expect(origin.loads).toHaveLength(1);
      expect(figures()).toMatchObject({ hit: 1, miss: 1 });
    },
  },
  {
    id: 'A3',
    title: 'keeps every falsy value',
    async run({ read, origin }) {
      const falsy = [0, -0, Number.NaN, '', false, 0n];
      origin.answer = async (index) => falsy[index as number];
      for (const index of falsy.keys()) {
        expect(await read(index)).toBe(falsy[index]);
        expect(await read(index)).toBe(falsy[index]);
      }

      expect(origin.loads).toHaveLength(falsy.length);
    },
  },
  {
    id: 'A4',
    title: 'takes null for an argument like any other',
    async run({ read, origin }) {
      expect([await read(null), await read(null), await read('null')]).toEqual([1, 1, 2]);
      expect(origin.loads).toEqual([[null], ['null']]);
    },
  },
  {
    id: 'A7',
    title: 'answers ten concurrent callers with one load',
    async run({ read, origin, happened, figures }) {
      const gate = new Deferred<object>();
      origin.answer = () => gate.promise;
      const answers = Array.from({ length: 10 }, () => read('sku'));
      await happened('load-joined', 9);
      gate.resolve({ cents: 100 });

      expect(await Promise.all(answers)).toEqual(Array.from({ length: 10 }, () => ({ cents: 100 })));
      expect(origin.loads).toHaveLength(1);
      expect(figures()).toMatchObject({ miss: 10, joined: 9, loads: 1 });
    },
  },
  {
    id: 'A7',
    title: 'loads different keys side by side',
    async run({ read, origin }) {
      const gates = new Map([
        ['slow', new Deferred<string>()],
        ['fast', new Deferred<string>()],
      ]);
      origin.answer = (sku) => gates.get(sku as string)?.promise;
      const slow = read('slow');
      const fast = read('fast');
      gates.get('fast')?.resolve('fast');

      expect(await fast).toBe('fast');
      gates.get('slow')?.resolve('slow');
      expect(await slow).toBe('slow');
    },
  },
  {
    id: 'A8',
    title: 'replays what an Observable emitted',
    needsClass: true,
    cached: { returns: 'observable' },
    async run({ read, origin }) {
      origin.answer = () => of('a', 'b', origin.loads.length);

      expect(await emittedBy(read('sku'))).toEqual(['a', 'b', 1]);
      expect(await emittedBy(read('sku'))).toEqual(['a', 'b', 1]);
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'A8',
    title: 'loads nothing before an Observable is subscribed to',
    needsClass: true,
    cached: { returns: 'observable' },
    async run({ read, origin }) {
      origin.answer = () => of(origin.loads.length);
      const answer = await read('sku');

      expect(isObservable(answer)).toBe(true);
      expect(origin.loads).toHaveLength(0);
      expect(await emittedBy(Promise.resolve(answer))).toEqual([1]);
      expect(await emittedBy(Promise.resolve(answer))).toEqual([1]);
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'A8',
    title: 'keeps an Observable that emits nothing, and stores no error of one',
    needsClass: true,
    cached: { returns: 'observable' },
    async run({ read, origin }) {
      const down = new Error('the origin is down');
      origin.answer = () => throwError(() => down);
      await expect(emittedBy(read('sku'))).rejects.toBe(down);

      origin.answer = () => of();
      expect(await emittedBy(read('sku'))).toEqual([]);
      expect(await emittedBy(read('sku'))).toEqual([]);
      expect(origin.loads).toHaveLength(2);
    },
  },
  {
    id: 'A9',
    title: 'caches a call on this as well',
    needsClass: true,
    async run({ read, readThroughThis, origin }) {
      expect([await readThroughThis('sku'), await read('sku'), await readThroughThis('sku')]).toEqual([1, 1, 1]);
      expect(origin.loads).toHaveLength(1);
    },
  },
];

async function emittedBy(answer: Promise<unknown>): Promise<unknown> {
  return lastValueFrom(((await answer) as Observable<unknown>).pipe(toArray()));
}
