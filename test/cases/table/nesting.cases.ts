import { expect } from '@jest/globals';
import { Deferred } from '../../support/deferred.js';
import { FORGETTING, LEVELS, SHARED, TERMS } from '../behavioural-case.js';
import type { BehaviouralCase, Level, Subject } from '../behavioural-case.js';

/** A page is read by the method that reads its parts: what is asked for first says which of them it is. */
const BY_PART = { tags: { part: (name: string) => name } };

/** The levels that answer from an entry however long ago it was loaded, as long as nobody evicted it or its time is up. */
const AGEING: readonly Level[] = ['bounded', 'eventual'];
/** An immutable value is current for ever, so nobody below needs to demand anything of it. */
const MUTABLE: readonly Level[] = LEVELS.filter((level) => level !== 'immutable');

/** A page says which loads its parts come from, and counts its own. */
function pagesOf({ origin, read }: Subject): { readonly of: (...parts: readonly string[]) => void } {
  let parts: readonly string[] = [];
  const numbers = new Map<unknown, number>();
  origin.answer = async (name) => {
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    if (name !== 'page') return `${String(name)} ${number}`;
    const made = await Promise.all(parts.map((part) => read(part)));

    return [`page ${number}`, ...made].join(', ');
  };

  return {
    of: (...names) => {
      parts = names;
    },
  };
}

/** I. What is read while something is loaded. */
export const NESTING: readonly BehaviouralCase[] = [
  {
    id: 'I1',
    title: 'evicts with a part everything that was made of it, and nothing else',
    // Under session a page asks the origins of its parts.
    levels: FORGETTING,
    cached: BY_PART,
    evicts: () => [BY_PART],
    async run(on) {
      const { read, write } = on;
      pagesOf(on).of('price', 'stock');
      expect(await read('page')).toBe('page 1, price 1, stock 1');

      await write('wording');
      expect(await read('page')).toBe('page 1, price 1, stock 1');
      await write('price');
      expect(await read('page')).toBe('page 2, price 2, stock 1');
      await write('page');
      expect([await read('page'), await read('price')]).toEqual(['page 3, price 2, stock 1', 'price 2']);
    },
  },
  {
    id: 'I1',
    title: 'does not keep what was made of a part that was evicted meanwhile',
    cached: BY_PART,
    evicts: () => [BY_PART],
    async run({ read, write, origin }) {
      const gate = new Deferred();
      const hasPart = new Deferred();
      let loads = 0;
      origin.answer = async (name) => {
        loads += 1;
        if (name !== 'page') return loads;
        const part = await read('price');
        hasPart.resolve();
        await gate.promise;
        return `made of ${String(part)}`;
      };
      const made = read('page');
      await hasPart.promise;
      await write('price');
      gate.resolve();

      expect(await made).toBe('made of 2');
      expect(await read('page')).toBe('made of 4');
    },
  },
  {
    id: 'I2',
    title: 'counts the age of what it makes from its oldest part',
    levels: AGEING,
    movesClock: true,
    cached: BY_PART,
    async run(on) {
      const { read, clock } = on;
      pagesOf(on).of('price', 'stock');
      await read('price');
      clock.advance('3s');
      expect(await read('page')).toBe('page 1, price 1, stock 1');

      clock.advance('1999ms');
      expect(await read('page')).toBe('page 1, price 1, stock 1');
      clock.advance('2ms');
      expect(await read('page')).toBe('page 2, price 2, stock 1');
    },
  },
  {
    id: 'I3',
    title: 'passes the demand of its caller on to its parts',
    levels: MUTABLE,
    cached: BY_PART,
    async run(on) {
      const { read, caching } = on;
      pagesOf(on).of('price');
      await read('page');
      const demanding = caching.withTolerance({ max: 0, because: 'this row asks for the origin' }, () => read('page'));

      expect(await demanding).toBe('page 2, price 2');
    },
  },
  {
    id: 'I4',
    title: 'gives nobody else what was made of a part that is one user’s own',
    async run({ read, origin, caching, callers, level, cache }) {
      const { policy, tolerance } = TERMS[level];
      const carts = caching.declare({
        ...SHARED,
        ...policy,
        ...(tolerance === undefined ? {} : { tolerance }),
        evictedElsewhere: 'this one is not about its evictions',
        name: `${cache}.cartOf`,
        scope: 'user',
        userKey: (user: string) => user,
      } as never);
      origin.answer = async () => {
        const user = String(callers.current()?.user);
        return `a page with ${String(await carts.read([user] as never, async () => `${user}'s cart`))}`;
      };
      const pageOf = (user: string): Promise<unknown> => callers.runAs({ user }, () => read('page'));

      expect(await Promise.all([pageOf('ada'), pageOf('bob')])).toEqual([
        "a page with ada's cart",
        "a page with bob's cart",
      ]);
      expect(await pageOf('grace')).toBe("a page with grace's cart");
    },
  },
  {
    id: 'I5',
    title: 'keeps nothing that was made of something that is stored nowhere',
    needsClass: true,
    async run({ read, readUnstored, origin, figures }) {
      let loads = 0;
      origin.answer = async (name) => {
        loads += 1;
        return name === 'page' ? `made of ${String(await readUnstored('balance'))}` : loads;
      };

      expect([await read('page'), await read('page')]).toEqual(['made of 2', 'made of 4']);
      expect(figures()).toMatchObject({ hit: 0, miss: 2 });
    },
  },
  {
    id: 'I7',
    title: 'may be read again by its own load, for something smaller',
    async run({ read, origin }) {
      origin.answer = async (n) => (n === 0 ? 1 : Number(n) * Number(await read(Number(n) - 1)));

      expect(await read(5)).toBe(120);
      expect(origin.loads).toHaveLength(6);
      expect(await read(4)).toBe(24);
      expect(origin.loads).toHaveLength(6);
    },
  },
  {
    id: 'I7',
    title: 'does not wait for itself when its own load reads the same',
    async run({ read, origin }) {
      origin.answer = async () => (origin.loads.length > 1 ? 'the inner one' : `around ${String(await read('same'))}`);

      expect(await read('same')).toBe('around the inner one');
    },
  },
  {
    id: 'I7',
    title: 'does not wait in a circle of loads that read each other',
    async run({ read, origin }) {
      const bothRun = new Deferred();
      origin.answer = async (name) => {
        if (origin.loads.length > 2) return `${String(name)} alone`;
        if (origin.loads.length === 2) bothRun.resolve();
        await bothRun.promise;
        return `${String(name)} of ${String(await read(name === 'a' ? 'b' : 'a'))}`;
      };
      const [a, b] = await Promise.all([read('a'), read('b')]);

      expect([a, b].map(String)).toEqual([expect.stringMatching(/^a of b/), expect.stringMatching(/^b of a/)]);
    },
  },
];
