import { describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual, types } from 'node:util';
import { frozenDate, frozenMap, frozenSet } from '../../src/entry/frozen-builtins.js';

const map = frozenMap([
  ['a', 1],
  ['b', 2],
]) as Map<unknown, unknown>;
const set = frozenSet(['a', 'b']) as Set<unknown>;
const date = frozenDate(5);

describe('a frozen Map, Set or Date', () => {
  it.each([
    ['set', () => map.set('c', 3)],
    ['delete', () => map.delete('a')],
    ['clear', () => { map.clear(); }], // prettier-ignore
  ])('refuses Map.%s with advice', (_, change) => {
    expect(change).toThrow(TypeError);
    expect(change).toThrow(
      "This Map comes from the cache and is shared by all callers, so it cannot be changed. Copy it first (new Map(it)), or declare values: 'copied'.",
    );
    expect([...map]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it.each([
    ['add', () => set.add('c')],
    ['delete', () => set.delete('a')],
    ['clear', () => { set.clear(); }], // prettier-ignore
  ])('refuses Set.%s', (_, change) => {
    expect(change).toThrow('This Set comes from the cache');
    expect([...set]).toEqual(['a', 'b']);
  });

  it.each(Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set')))(
    'refuses Date.%s',
    (name) => {
      const mutator = Reflect.get(date, name) as (this: Date, n: number) => void;

      expect(() => {
        mutator.call(date, 1);
      }).toThrow('This Date comes from the cache');
      expect(date.getTime()).toBe(5);
    },
  );

  it('refuses new properties', () => {
    expect(() => Object.assign(map, { a: 1 })).toThrow(TypeError);
    expect(() => Object.assign(date, { a: 1 })).toThrow(TypeError);
  });

  it('is a Map, Set or Date to everyone who asks', () => {
    expect(map).toBeInstanceOf(Map);
    expect(set).toBeInstanceOf(Set);
    expect(date).toBeInstanceOf(Date);
    expect([map.constructor, set.constructor, date.constructor]).toEqual([Map, Set, Date]);
    expect([types.isMap(map), types.isSet(set), types.isDate(date)]).toEqual([true, true, true]);
    expect([map, set, date].map((each) => Object.prototype.toString.call(each))).toEqual([
      '[object Map]',
      '[object Set]',
      '[object Date]',
    ]);
  });

  it('has no method that an ordinary one of this runtime lacks', () => {
    const methods = ['getOrInsert', 'getOrInsertComputed', 'set'];

    expect(methods.filter((name) => name in map)).toEqual(methods.filter((name) => name in Map.prototype));
  });

  it('is equal to an ordinary one', () => {
    expect(map).toStrictEqual(new Map([['a', 1], ['b', 2]])); // prettier-ignore
    expect(set).toStrictEqual(new Set(['a', 'b']));
    expect(date).toStrictEqual(new Date(5));
  });

  it('is copied as an ordinary one', () => {
    expect(new Map(map).set('c', 3).size).toBe(3);
    expect(new Set(set).add('c').size).toBe(3);
    expect(new Date(date).setTime(6)).toBe(6);
    expect(isDeepStrictEqual(new Map(map), new Map([['a', 1], ['b', 2]]))).toBe(true); // prettier-ignore
  });

  it('is cloned and written by the platform as an ordinary one', () => {
    expect([...structuredClone(map)]).toEqual([...map]);
    expect([...structuredClone(set)]).toEqual([...set]);
    expect(structuredClone(date).getTime()).toBe(5);
    expect(JSON.stringify({ date })).toBe('{"date":"1970-01-01T00:00:00.005Z"}');
  });
});
