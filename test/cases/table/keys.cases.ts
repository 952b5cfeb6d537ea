import { expect } from '@jest/globals';
import { UnkeyableArgumentError } from 'nestjs-consistent-cache';
import type { CacheEvent } from 'nestjs-consistent-cache';
import { FORGETTING } from '../behavioural-case.js';
import type { BehaviouralCase, Subject } from '../behavioural-case.js';

/** B. What identifies an entry. */
export const KEYS: readonly BehaviouralCase[] = [
  {
    id: 'B1',
    title: 'is identified by the chosen arguments only',
    cached: { key: (sku: string, options: { readonly currency: string }) => [sku, options.currency] },
    async run({ read, origin }) {
      await read('sku', { currency: 'EUR', trace: 1 });
      await read('sku', { currency: 'EUR', trace: 2 });
      await read('sku', { currency: 'USD', trace: 1 });

      expect(origin.loads).toHaveLength(2);
    },
  },
  {
    id: 'B2',
    title: 'tells three rest arguments from two',
    run: (on) => eachHasItsOwnEntry(on, [[1, 2, 3], [1, 2], [1], [], [1, 2, undefined]]),
  },
  {
    id: 'B3',
    title: 'keeps methods of one name in two classes apart',
    needsTwin: true,
    async run({ read, readTwin, origin }) {
      expect([await read('sku'), await readTwin('sku'), await read('sku'), await readTwin('sku')]).toEqual([
        1, 2, 1, 2,
      ]);
      expect(origin.loads).toHaveLength(2);
    },
  },
  {
    id: 'B5',
    title: 'minds the order of arguments and not that of the keys of an object',
    async run({ read, origin }) {
      await read('a', 'b');
      await read('b', 'a');
      await read({ page: 1, filter: { colour: 'red', size: 5 } });
      await read({ filter: { size: 5, colour: 'red' }, page: 1 });

      expect(origin.loads).toEqual([['a', 'b'], ['b', 'a'], [{ page: 1, filter: { colour: 'red', size: 5 } }]]);
    },
  },
  {
    id: 'B6',
    title: 'minds where null and undefined stand',
    run: (on) =>
      eachHasItsOwnEntry(on, [
        [null, 'a', null],
        ['a', null, null],
        [null, null, 'a'],
        ['a', null],
        [undefined, 'a', undefined],
        [null, 'a', undefined],
      ]),
  },
  {
    id: 'B7',
    title: 'looks into arrays and nested values',
    async run(on) {
      await eachHasItsOwnEntry(on, [
        [['a', 'b'], []],
        [['a'], ['b']],
        [[], ['a', 'b']],
        [[['a'], 'b']],
        [{ list: [{ id: 1 }] }],
        [{ list: [{ id: 2 }] }],
        [{ list: [{}] }],
        [{ list: [] }],
        [{}],
        [[]],
      ]);
    },
  },
  {
    id: 'B8',
    title: 'tells values of different types apart',
    levels: FORGETTING,
    run: (on) =>
      eachHasItsOwnEntry(
        on,
        [
          ...[1, '1', 1n, true, 'true', 0, -0, '0', '-0', Number.NaN, 'NaN', null, 'null', undefined, 'undefined', ''],
          ...[new Date(1), new Date(2), new Date(1).toISOString(), new Date(Number.NaN)],
          ...[new Map([['a', 1]]), new Map([['a', 2]]), { a: 1 }, [['a', 1]], new Set(['a', 1]), new Set(['a'])],
          ...[Infinity, -Infinity, 'Infinity', new Uint8Array([1]), new Uint16Array([1]), Buffer.from([1]), [1]],
        ].map((value) => [value]),
      ),
  },
  {
    id: 'B9',
    title: 'is not fooled by separators inside values',
    run: (on) =>
      eachHasItsOwnEntry(on, [
        ...[
          ['a:b', 'c'],
          ['a', 'b:c'],
          ['a|b', 'c'],
          ['a', 'b|c'],
          ['a,b', 'c'],
          ['a', 'b,c'],
        ],
        ...[
          ['a\u0000b'],
          ['a', 'b'],
          ['s1:a'],
          ['a;'],
          ['["a"]'],
          [['a']],
          ['{"a":1}'],
          [{ a: 1 }],
          ['[object Object]'],
        ],
        // What the text of a key looks like, with and without the lengths that keep its parts apart.
        ...[
          ['asb'],
          ['as1:b'],
          ['1:as1:b'],
          ['s1:as1:b'],
          ['sasb'],
          [['a', 'b']],
          [['asb']],
          [['as1:b']],
          ['[s1:as1:b]'],
        ],
        ...[[{ a: 'b', c: 'd' }], [{ a: 'bscsd' }], [{ a: 'bs1:cs1:d' }], ['{s1:as1:bs1:cs1:d}']],
        ...[['\ud800'], ['\ud801'], ['\ufffd']],
      ]),
  },
  {
    id: 'B10',
    title: 'is identified before the method changes its argument',
    async run({ read, origin }) {
      origin.answer = async (filter) => {
        (filter as { colours: string[] }).colours.push('red');
        return origin.loads.length;
      };

      expect([await read({ colours: ['blue'] }), await read({ colours: ['blue'] })]).toEqual([1, 1]);
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'B11',
    title: 'refuses an argument that cannot be keyed, names it, and answers from the origin',
    async run({ read, origin, figures, events, warnings }) {
      const circular: { self?: object } = {};
      circular.self = circular;
      const unkeyable: unknown[] = [
        () => 'a function',
        Symbol('a symbol'),
        Promise.resolve(),
        new Request('https://shop.example/'),
        new (class Order {
          id = 1;
        })(),
        circular,
        new WeakMap(),
        /a pattern/,
      ];
      for (const [index, argument] of unkeyable.entries()) {
        expect(await read('sku', argument)).toBe(index + 1);
      }

      expect(figures()).toMatchObject({
        hit: 0,
        miss: 0,
        refused: unkeyable.length,
        refusals: { 'argument-unkeyable': unkeyable.length },
      });
      for (const error of refusalsIn(events())) {
        expect(error).toBeInstanceOf(UnkeyableArgumentError);
        expect(error).toMatchObject({ code: 'KEY_ARGUMENT_UNKEYABLE', position: 2 });
      }
      expect(warnings()).toHaveLength(1);
      expect(warnings()[0]).toContain('Parameter 2');
      expect(origin.loads).toHaveLength(unkeyable.length);
    },
  },
  {
    id: 'B11',
    title: 'refuses what a key function answers just as well',
    cached: { key: (order: object) => ({ order }) },
    async run({ read, figures, events }) {
      expect(await read(() => 'a function')).toBe(1);
      expect(await read(() => 'a function')).toBe(2);
      expect(figures().refusals).toEqual({ 'argument-unkeyable': 2 });
      expect(refusalsIn(events())[0]).toMatchObject({ path: '.order', position: undefined });
    },
  },
  {
    id: 'B12',
    title: 'tells very long arguments apart by their last character',
    run: (on) =>
      eachHasItsOwnEntry(on, [
        [`${'x'.repeat(10_000)}a`],
        [`${'x'.repeat(10_000)}b`],
        ['x'.repeat(10_000), 'a'],
        ['\u0000 \n "quotes" and spaces'],
        ['\u0000 \n "quotes" and spaces '],
      ]),
  },
];

/** Calls with each list of arguments twice: the first time each loads, the second time none does, and gets its own. */
async function eachHasItsOwnEntry({ read, origin }: Subject, calls: readonly (readonly unknown[])[]): Promise<void> {
  const first = [];
  for (const args of calls) first.push(await read(...args));
  const second = [];
  for (const args of calls) second.push(await read(...args));

  expect(first).toEqual(calls.map((_, index) => index + 1));
  expect(second).toEqual(first);
  expect(origin.loads).toHaveLength(calls.length);
}

function refusalsIn(events: readonly CacheEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === 'read-refused' ? [event.error] : []));
}
