import { expect } from '@jest/globals';
import { InvalidTagError } from 'nestjs-consistent-cache';
import { Deferred } from '../../support/deferred.js';
import { FORGETTING, UNANNOUNCED } from '../behavioural-case.js';
import type { BehaviouralCase, Subject } from '../behavioural-case.js';

const BY_PRODUCT = { tags: { product: (sku: string) => sku } };
/** Neither announces its writes nor remembers who wrote. */
const UNCONCERNED = UNANNOUNCED.filter((level) => FORGETTING.includes(level));
/** It says that nothing is under way any more; a linearizable write that fails without an answer stays announced for a lease. */
const WRITE_FAILED = Object.assign(new Error('the write failed'), { status: 409 });

/** D. What a write outdates. */
export const EVICTIONS: readonly BehaviouralCase[] = [
  {
    id: 'D1',
    title: 'evicts when the write has succeeded, before its caller is answered',
    levels: UNANNOUNCED,
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run({ read, write, origin }) {
      const committed = new Deferred<string>();
      origin.writeAnswer = () => committed.promise;
      await read('sku');
      const written = write('sku', 2);
      expect(await read('sku')).toBe(1);

      committed.resolve('committed');
      expect(await written).toBe('committed');
      expect(await read('sku')).toBe(2);
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'D1',
    title: 'answers from the origin and stores nothing while an announced write is running',
    levels: ['linearizable'],
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run({ read, write, origin }) {
      const begun = new Deferred();
      const committed = new Deferred<string>();
      origin.writeAnswer = () => {
        begun.resolve();
        return committed.promise;
      };
      await read('sku');
      const written = write('sku', 2);
      await begun.promise;
      expect([await read('sku'), await read('sku')]).toEqual([2, 3]);

      committed.resolve('committed');
      expect(await written).toBe('committed');
      expect([await read('sku'), await read('sku')]).toEqual([4, 4]);
    },
  },
  {
    id: 'D2',
    title: 'evicts nothing when the write fails, and passes its error on',
    levels: UNCONCERNED,
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run({ read, write, origin }) {
      origin.writeAnswer = async () => {
        throw WRITE_FAILED;
      };
      await read('sku');

      await expect(write('sku')).rejects.toBe(WRITE_FAILED);
      expect(await read('sku')).toBe(1);
    },
  },
  {
    id: 'D2',
    title: 'loads after a write that failed, because it may have committed',
    levels: ['linearizable', 'session'],
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run({ read, write, origin }) {
      origin.writeAnswer = async () => {
        throw WRITE_FAILED;
      };
      await read('sku');

      await expect(write('sku')).rejects.toBe(WRITE_FAILED);
      expect([await read('sku'), await read('sku')]).toEqual([2, 2]);
    },
  },
  {
    id: 'D3',
    title: 'keeps nothing that was loaded while the write was running, where the caller would mind',
    levels: ['linearizable', 'session'],
    cached: BY_PRODUCT,
    evicts: () => [{ ...BY_PRODUCT, when: 'before' }],
    async run({ read, write, origin }) {
      const seen: unknown[] = [];
      origin.writeAnswer = async () => {
        seen.push(await read('sku'));
      };
      await read('sku');
      await write('sku');

      expect(seen).toEqual([2]);
      expect([await read('sku'), await read('sku')]).toEqual([3, 3]);
    },
  },
  {
    id: 'D3',
    title: 'evicts before the write where that is declared',
    levels: UNCONCERNED,
    cached: BY_PRODUCT,
    evicts: () => [{ ...BY_PRODUCT, when: 'before' }],
    async run({ read, write, origin }) {
      const seen: unknown[] = [];
      origin.writeAnswer = async () => {
        seen.push(await read('sku'));
      };
      await read('sku');
      await write('sku');

      expect(seen).toEqual([2]);
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'D3',
    title: 'evicts before a write that then fails',
    cached: BY_PRODUCT,
    evicts: () => [{ ...BY_PRODUCT, when: 'before' }],
    async run({ read, write, origin }) {
      origin.writeAnswer = () => Promise.reject(WRITE_FAILED);
      await read('sku');

      await expect(write('sku')).rejects.toBe(WRITE_FAILED);
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'D4',
    title: 'evicts one value of a family and leaves the others',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run({ read, write }) {
      await readEach({ read }, ['a', 'b', 'a:b', 'a ']);
      await write('a');

      expect(await readEach({ read }, ['a', 'b', 'a:b', 'a '])).toEqual([5, 2, 3, 4]);
    },
  },
  {
    id: 'D4',
    title: 'evicts every value that a list names, and an entry under any of its own',
    cached: { tags: { product: (...skus: string[]) => skus } },
    evicts: () => [{ tags: { product: (...skus: string[]) => skus } }],
    async run({ read, write }) {
      await readEach({ read }, ['a', 'b', 'c']);
      await read('a', 'c');
      await write('a', 'b');

      expect(await readEach({ read }, ['a', 'b', 'c'])).toEqual([5, 6, 3]);
      expect(await read('a', 'c')).toBe(7);
    },
  },
  {
    id: 'D4',
    title: 'takes a number and its text for one value, as a request that names it would',
    cached: { tags: { product: (id: number | string | bigint) => id } },
    evicts: () => [{ tags: { product: (id: number | string | bigint) => id } }],
    async run({ read, write }) {
      await read(7);
      await write('7');
      expect(await read(7)).toBe(2);
      await write(7n);
      expect(await read(7)).toBe(3);
    },
  },
  {
    id: 'D5',
    title: 'evicts a whole family',
    needsTwin: true,
    cached: { tags: { pricelist: (sku: string) => sku } },
    evicts: () => [{ families: ['pricelist'] }],
    async run({ read, readTwin, write }) {
      await readEach({ read }, ['a', 'b']);
      await readTwin('a');
      await write();

      expect(await readEach({ read }, ['a', 'b'])).toEqual([4, 5]);
      expect(await readTwin('a')).toBe(6);
    },
  },
  {
    id: 'D6',
    title: 'evicts a whole cache and no other',
    needsTwin: true,
    evicts: (cache) => [{ caches: [cache] }],
    async run({ read, readTwin, write }) {
      await readEach({ read }, ['a', 'b']);
      await readTwin('a');
      await write();

      expect(await readEach({ read }, ['a', 'b'])).toEqual([4, 5]);
      expect(await readTwin('a')).toBe(3);
    },
  },
  {
    id: 'D7',
    title: 'evicts everything of one user',
    needsTwin: true,
    cached: { scope: 'user', userKey: (user: string) => user },
    evicts: () => [{ user: (user: string) => user }],
    async run({ read, readTwin, write }) {
      await read('ada', 'cart');
      await read('ada', 'orders');
      await readTwin('ada');
      await read('bob', 'cart');
      await write('ada');

      expect(await read('ada', 'cart')).toBe(5);
      expect(await read('ada', 'orders')).toBe(6);
      expect(await readTwin('ada')).toBe(7);
      expect(await read('bob', 'cart')).toBe(4);
    },
  },
  {
    id: 'D7',
    title: 'stops a write that names nobody, before it touches the source',
    cached: { scope: 'user', userKey: (user: string) => user },
    evicts: () => [{ user: (user?: string) => user }],
    async run({ read, write, origin }) {
      let writes = 0;
      origin.writeAnswer = async () => (writes += 1);
      await read('ada');

      await expect(write(undefined)).rejects.toMatchObject({ code: 'CALLER_MISSING' });
      await expect(write('')).rejects.toMatchObject({ code: 'CALLER_MISSING' });
      expect(writes).toBe(0);
      expect(await read('ada')).toBe(1);
    },
  },
  {
    id: 'D8',
    title: 'carries out every eviction of one method',
    cached: { tags: { product: (sku: string) => sku, shelf: (_: string, shelf: string) => shelf } },
    evicts: () => [
      { tags: { product: (sku: string) => sku } },
      { tags: { shelf: (_: string, shelf: string) => shelf }, when: 'before' },
    ],
    async run({ read, write }) {
      await read('a', 'top');
      await read('b', 'bottom');
      await read('c', 'middle');
      await write('a', 'bottom');

      expect(await read('a', 'top')).toBe(4);
      expect(await read('b', 'bottom')).toBe(5);
      expect(await read('c', 'middle')).toBe(3);
    },
  },
  {
    id: 'D8',
    title: 'evicts only where the condition of an eviction holds',
    cached: BY_PRODUCT,
    evicts: () => [{ ...BY_PRODUCT, condition: (_: string, matters: boolean) => matters }],
    async run({ read, write }) {
      await read('sku');
      await write('sku', false);
      expect(await read('sku')).toBe(1);
      await write('sku', true);
      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'D9',
    title: 'evicts a value that only the result tells',
    levels: UNANNOUNCED,
    cached: BY_PRODUCT,
    evicts: () => [{ tagsOfResult: { product: (order: { readonly skus: string[] }) => order.skus } }],
    async run({ read, write, origin }) {
      origin.writeAnswer = async () => ({ skus: ['a', 'c'] });
      await readEach({ read }, ['a', 'b', 'c']);
      await write('order-1');

      expect(await readEach({ read }, ['a', 'b', 'c'])).toEqual([4, 2, 5]);
    },
  },
  {
    id: 'D9',
    title: 'evicts the whole family when the result does not tell after all',
    levels: UNANNOUNCED,
    cached: BY_PRODUCT,
    evicts: () => [{ tagsOfResult: { product: (order: { readonly skus: string[] }) => order.skus.map(String) } }],
    async run({ read, write, origin, events }) {
      origin.writeAnswer = async () => ({});
      await readEach({ read }, ['a', 'b']);

      expect(await write('order-1')).toEqual({});
      expect(await readEach({ read }, ['a', 'b'])).toEqual([3, 4]);
      expect(events()).toContainEqual(expect.objectContaining({ type: 'eviction-widened', family: 'product' }));
    },
  },
  {
    id: 'D9',
    title: 'stops a write whose value cannot be told, before it touches the source',
    cached: BY_PRODUCT,
    evicts: () => [BY_PRODUCT],
    async run({ read, write, origin }) {
      let writes = 0;
      origin.writeAnswer = async () => (writes += 1);
      await read('sku');

      await expect(write({ not: 'a tag' })).rejects.toBeInstanceOf(InvalidTagError);
      await expect(write(Number.NaN)).rejects.toBeInstanceOf(InvalidTagError);
      expect(writes).toBe(0);
    },
  },
  {
    id: 'D9',
    title: 'computes what to evict before the write changes its arguments',
    cached: BY_PRODUCT,
    evicts: () => [{ tags: { product: (order: { readonly sku: string }) => order.sku } }],
    async run({ read, write, origin }) {
      origin.writeAnswer = async (order) => {
        (order as { sku: string }).sku = 'changed';
      };
      await read('sku');
      await write({ sku: 'sku' });

      expect(await read('sku')).toBe(2);
    },
  },
  {
    id: 'D9',
    title: 'evicts by family and value, by family and by cache on request',
    cached: { tags: { product: (sku: string) => sku, brand: () => 'acme' } },
    evicts: () => [{ families: ['product'] }],
    async run({ read, caching, cache }) {
      await readEach({ read }, ['a', 'b', 'c']);

      await caching.evict({ product: ['a', 'c'] });
      expect(await readEach({ read }, ['a', 'b', 'c'])).toEqual([4, 2, 5]);
      await caching.evict({ product: 'nobody', brand: 'acme' });
      expect(await readEach({ read }, ['a', 'b', 'c'])).toEqual([6, 7, 8]);
      await caching.evictFamily('brand');
      expect(await readEach({ read }, ['a', 'b', 'c'])).toEqual([9, 10, 11]);
      await caching.evictCache(cache);
      expect(await readEach({ read }, ['a', 'b', 'c'])).toEqual([12, 13, 14]);
    },
  },
];

async function readEach({ read }: Pick<Subject, 'read'>, skus: readonly string[]): Promise<unknown[]> {
  const answers = [];
  for (const sku of skus) answers.push(await read(sku));

  return answers;
}
