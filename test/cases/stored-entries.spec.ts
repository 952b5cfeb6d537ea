import { expect } from '@jest/globals';
import { EACH_WAY } from './placements.js';
import { runTable } from './run-table.js';
import { RedisLikeStore } from './stores.js';

const store = new RedisLikeStore();

/** What is in the store under the keys of one cache, as text. */
function entriesOf(cache: string): readonly (readonly [key: string, text: string])[] {
  return [...store.kept]
    .map(([key, bytes]) => [key, bytes.toString('utf8')] as const)
    .filter(([, text]) => text.includes(cache));
}

/** The text of an entry, out of what a Keyv wraps around it. */
function valueIn(stored = '{}'): string {
  return String((JSON.parse(stored) as { readonly value?: unknown }).value);
}

/** The hash of the user to whom an entry belongs; it stands behind the key. */
function subjectIn(text: string): unknown {
  return (JSON.parse(text) as readonly unknown[])[3];
}

runTable(
  [
    {
      id: 'B12',
      title: 'stores a very long key under a short one, and repeats it whole in the entry',
      async run({ read, cache }) {
        const long = 'x'.repeat(10_000);
        await read(long);
        await read('short');

        for (const [key] of entriesOf(cache)) expect(key.length).toBeLessThanOrEqual(250);
        expect(entriesOf(cache)).toHaveLength(2);
        expect(entriesOf(cache)[0]?.[1]).toContain(long);
      },
    },
    {
      id: 'B12',
      title: 'keeps what a key contains out of the way of the store’s own syntax',
      async run({ read, cache }) {
        for (const sku of ['a b', 'a\r\nSET x', 'ключ', '\u0000', '*']) await read(sku);

        expect(entriesOf(cache)).toHaveLength(5);
        for (const [key] of entriesOf(cache)) expect(key).toMatch(/^[\x21-\x7e]+$/);
      },
    },
    {
      id: 'G3',
      title: 'asks the store to keep an entry until its bound and not longer',
      levels: ['session', 'bounded', 'eventual'],
      async run({ read, origin, clock, cache }) {
        const { answer } = origin;
        origin.answer = async () => {
          clock.advance('3s');
          return answer();
        };
        await read('sku');

        const [entry] = entriesOf(cache);
        expect(store.ttls.get(entry?.[0] ?? '')).toBe(2_000);
      },
    },
    {
      id: 'H4',
      title: 'keeps the ids of users out of the store',
      cached: { scope: 'user', userKey: (user: string) => user, key: (_: string, part: string) => part },
      async run({ read, cache }) {
        await read('ada@shop.example', 'cart');

        expect(entriesOf(cache)).toHaveLength(1);
        expect(entriesOf(cache).join()).not.toContain('ada@shop.example');
      },
    },
    {
      id: 'H6',
      title: 'serves no entry that the store gives out under another key',
      async run({ read, cache, figures, warnings }) {
        await read('a');
        await read('b');
        const [a, b] = entriesOf(cache);
        store.kept.set(b?.[0] ?? '', Buffer.from(a?.[1] ?? ''));

        expect(await read('b')).toBe(3);
        expect(await read('a')).toBe(1);
        expect(figures().wrongEntries).toBe(1);
        expect(warnings().join()).toContain('SECURITY');
      },
    },
    {
      id: 'H6',
      title: 'serves no entry that says it belongs to somebody else, whatever its key says',
      cached: { scope: 'user', userKey: (user: string) => user },
      async run({ read, cache, events }) {
        await read('ada');
        await read('bob');
        const [ada, bob] = entriesOf(cache);
        const fields = JSON.parse(valueIn(bob?.[1])) as unknown[];
        const forged = fields.map((field) =>
          field === subjectIn(valueIn(bob?.[1])) ? subjectIn(valueIn(ada?.[1])) : field,
        );
        store.kept.set(bob?.[0] ?? '', Buffer.from(JSON.stringify({ value: JSON.stringify(forged) })));

        expect(await read('bob')).toBe(3);
        expect(events()).toContainEqual(expect.objectContaining({ type: 'wrong-entry', mismatch: 'subject' }));
      },
    },
    {
      id: 'H6',
      title: 'takes bytes that it did not write for an absent entry',
      async run({ read, cache }) {
        await read('sku');
        const [key, text] = entriesOf(cache)[0] ?? ['', ''];
        const texts = [
          '',
          'null',
          '{}',
          '[]',
          '[1]',
          'garbage',
          text.slice(0, -20),
          text.replace('ncc1', 'ncc0'),
          `${text}]`,
        ];
        const foreign = texts.flatMap((each) => [
          each,
          JSON.stringify({ value: each }),
          JSON.stringify({ value: [each] }),
        ]);
        for (const [index, each] of foreign.entries()) {
          store.kept.set(key, Buffer.from(each));
          expect(await read('sku')).toBe(index + 2);
        }
      },
    },
  ],
  { name: 'a store whose entries the test can see', options: () => ({ stores: [store] }) },
  EACH_WAY,
);
