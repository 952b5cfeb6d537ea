import { expect } from '@jest/globals';
import { inspect } from 'node:util';
import { UnstorableValueError } from 'nestjs-consistent-cache';
import type { BehaviouralCase, Subject } from '../behavioural-case.js';

/** What JSON loses, and what by reference would be shared. A function, so that no row can spoil it for another. */
const freezable = () => ({
  date: new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789)),
  invalidDate: new Date(Number.NaN),
  map: new Map<unknown, unknown>([
    ['price', { cents: 1n }],
    [{ composite: 'key' }, new Set([1, '1', 1n])],
  ]),
  set: new Set([undefined, null, Number.NaN, 'a']),
  bigint: 2n ** 80n,
  missing: undefined,
  nothing: null,
  notANumber: Number.NaN,
  minusZero: -0,
  endless: [Infinity, -Infinity],
  text: 'a\u0000b "quoted" \\ \u2028 \ud83d\ude00 \ud800',
  nested: [[[{ deep: [new Date(0), undefined, null] }]]],
  empty: { array: [], object: {}, map: new Map(), set: new Set(), text: '' },
  names: { toJSON: 'a name', then: 'a name', constructor: 'a name', length: 3, '': 'no name' },
  bare: Object.assign(Object.create(null) as object, { a: 1 }),
});

/** Bytes cannot be frozen. */
const bytes = () => ({
  bytes: new Uint8Array([0, 127, 255]),
  floats: new Float64Array([-0, Number.NaN, Infinity, 0.1]),
  bigs: new BigInt64Array([-1n, 2n ** 62n]),
  buffer: Buffer.from('bytes'),
  memory: new Uint16Array([1, 2, 3]).buffer,
  view: new DataView(new Uint8Array([1, 2, 3, 4]).buffer),
});

const everything = () => ({ ...freezable(), ...bytes() });

class Price {
  constructor(
    readonly cents: number,
    readonly currency: string,
  ) {}

  get text(): string {
    return `${this.cents} ${this.currency}`;
  }
}

/** Keeps what matters where no property shows it. */
class Wallet {
  readonly #cents: number;

  constructor(cents: number) {
    this.#cents = cents;
  }

  get cents(): number {
    return this.#cents;
  }
}

const WALLET = {
  type: Wallet,
  encode: (wallet: Wallet) => ({ cents: wallet.cents }),
  decode: ({ cents }: { cents: number }) => new Wallet(cents),
};

/** L. What a value is after the cache has had it. */
export const VALUES: readonly BehaviouralCase[] = [
  {
    id: 'L1',
    title: 'gives back every kind of value as it was',
    async run({ read, origin }) {
      origin.answer = async () => everything();

      for (const answer of [await read('sku'), await read('sku'), await read('sku')]) {
        expect(portraitOf(answer)).toBe(portraitOf(everything()));
      }
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L1',
    title: 'gives each caller an ordinary copy where that is declared',
    cached: { values: 'copied' },
    async run({ read, origin }) {
      origin.answer = async () => everything();

      for (const answer of [await read('sku'), await read('sku'), await read('sku')]) {
        expect(portraitOf(answer)).toBe(portraitOf(everything()));
        expect((answer as Freezable).map).toBeInstanceOf(Map);
      }
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L1',
    title: 'keeps each kind of value on its own as well',
    async run({ read, origin }) {
      const values: Readonly<Record<string, unknown>> = everything();
      origin.answer = async (kind) => values[kind as string];
      for (const kind of Object.keys(values)) {
        await read(kind);
        expect(portraitOf(await read(kind))).toBe(portraitOf(values[kind]));
      }
      expect(origin.loads).toHaveLength(Object.keys(values).length);
    },
  },
  {
    id: 'L2',
    title: 'lets no caller change what others get',
    async run({ read, origin }) {
      origin.answer = async () => freezable();
      for (const answer of [await read('sku'), await read('sku')]) {
        expect(attempts(answer as Freezable).filter((change) => succeeds(change))).toEqual([]);
      }

      expect(portraitOf(await read('sku'))).toBe(portraitOf(freezable()));
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L2',
    title: 'gives each caller its own copy of what cannot be frozen',
    async run({ read, origin }) {
      origin.answer = async () => everything();
      for (const answer of [await read('sku'), await read('sku')] as (Freezable & Bytes)[]) {
        overwriteBytes(answer);
        answer.date.setTime(0);
        answer.map.clear();
      }

      expect(portraitOf(await read('sku'))).toBe(portraitOf(everything()));
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L2',
    title: 'lets each caller change its own copy where that is declared',
    cached: { values: 'copied' },
    async run({ read, origin }) {
      origin.answer = async () => freezable();
      for (const answer of [await read('sku'), await read('sku')]) {
        const changes = attempts(answer as Freezable);
        expect(changes.filter((change) => succeeds(change))).toEqual(changes);
      }

      expect(portraitOf(await read('sku'))).toBe(portraitOf(freezable()));
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L2',
    title: 'holds no object of the origin',
    async run({ read, origin }) {
      const held = { lines: [{ sku: 'a' }], shipped: new Date(0) };
      origin.answer = async () => held;
      await read('sku');
      held.lines.push({ sku: 'b' });
      held.shipped.setTime(1);

      expect(await read('sku')).toEqual({ lines: [{ sku: 'a' }], shipped: new Date(0) });
      expect(Object.isFrozen(held)).toBe(false);
    },
  },
  {
    id: 'L3',
    title: 'refuses an instance of a class, says where it is, and answers with it',
    async run({ read, origin, figures, events, warnings }) {
      const price = new Price(100, 'EUR');
      origin.answer = async () => ({ lines: [{ price }] });

      for (const answer of [await read('sku'), await read('sku')]) {
        expect((answer as { lines: { price: Price }[] }).lines[0]?.price).toBe(price);
      }
      expect(figures()).toMatchObject({ hit: 0, refusals: { 'value-unstorable': 2 } });
      const [error] = events().flatMap((event) => (event.type === 'read-refused' ? [event.error] : []));
      expect(error).toBeInstanceOf(UnstorableValueError);
      expect(error).toMatchObject({ code: 'VALUE_UNSTORABLE', path: '.lines[0].price', kind: 'an instance of Price' });
      expect(error?.where).toContain('L3');
      expect(warnings()).toHaveLength(1);
    },
  },
  {
    id: 'L3',
    title: 'refuses what is no data, and answers with it',
    async run({ read, origin, figures }) {
      const noData = [() => 1, Symbol('a symbol'), { callback: () => 1 }, [Symbol('a symbol')], new Error('a failure')];
      origin.answer = async (index) => noData[index as number];
      for (const index of noData.keys()) expect(await read(index)).toBe(noData[index]);

      expect(figures().refusals).toEqual({ 'value-unstorable': noData.length });
    },
  },
  {
    id: 'L3',
    title: 'revives instances of the classes that are named',
    cached: { codecs: [Price, WALLET] },
    async run({ read, origin }) {
      origin.answer = async () => ({
        prices: new Map([['sku', new Price(100, 'EUR')]]),
        wallets: [new Wallet(7)],
      });
      type Answer = Readonly<{ prices: Map<string, Price>; wallets: Wallet[] }>;

      for (const answer of [await read('sku'), await read('sku'), await read('sku')] as Answer[]) {
        expect(answer.prices.get('sku')).toBeInstanceOf(Price);
        expect(answer.prices.get('sku')?.text).toBe('100 EUR');
        expect(answer.wallets[0]).toBeInstanceOf(Wallet);
        expect(answer.wallets[0]?.cents).toBe(7);
      }
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L4',
    title: 'refuses a value that contains itself, and answers with it',
    async run({ read, origin, figures }) {
      const category: { name: string; parent?: object } = { name: 'books' };
      category.parent = { children: [category] };
      origin.answer = async () => category;

      expect(await read('sku')).toBe(category);
      expect(await read('sku')).toBe(category);
      expect(figures().refusals).toEqual({ 'value-unstorable': 2 });
    },
  },
  {
    id: 'L4',
    title: 'keeps an object that merely occurs twice',
    async run({ read, origin }) {
      const address = { city: 'Bern' };
      origin.answer = async () => ({ billing: address, shipping: address });
      await read('sku');

      expect(await read('sku')).toEqual({ billing: { city: 'Bern' }, shipping: { city: 'Bern' } });
      expect(origin.loads).toHaveLength(1);
    },
  },
  {
    id: 'L5',
    title: 'keeps a megabyte',
    levels: ['bounded'],
    run: (on) => keepsLines(on, 10_000),
  },
];

/** Ten times as much takes ten times as long, and goes the same way everywhere: one placement and level show it. */
export const TEN_MEGABYTES: readonly BehaviouralCase[] = [
  { id: 'L5', title: 'keeps ten megabytes', levels: ['bounded'], run: (on) => keepsLines(on, 100_000) },
];

/** A line is about a hundred bytes of JSON. */
async function keepsLines({ read, origin }: Subject, lines: number): Promise<void> {
  const report = Array.from({ length: lines }, (_, id) => ({
    id,
    sku: `sku-${id}`,
    text: 'x'.repeat(60),
    sold: false,
  }));
  origin.answer = async () => report;
  await read('report');

  // As text, because comparing so many objects takes longer than keeping them.
  expect(JSON.stringify(await read('report')) === JSON.stringify(report)).toBe(true);
  expect(origin.loads).toHaveLength(1);
}

type Freezable = ReturnType<typeof freezable>;
type Bytes = ReturnType<typeof bytes>;

/** Every way to change a part of the value that can be frozen. */
function attempts(value: Freezable): readonly (() => unknown)[] {
  const changeable = value;

  return [
    () => (changeable.text = 'changed'),
    () => Reflect.defineProperty(value, 'added', { value: 1 }) || fail(),
    () => Reflect.deleteProperty(value, 'nothing') || fail(),
    () => value.date.setTime(0),
    () => value.date.setFullYear(1999),
    () => value.map.set('added', 1),
    () => value.map.delete('price'),
    () => value.set.add('added'),
    () => {
      value.set.clear();
    },
    () => ((value.map.get('price') ?? {}) as { cents: bigint }).cents++,
    () => value.endless.push(1),
    () => value.nested[0]?.pop(),
    () => value.endless.sort(),
    () => (value.bare.a = 2),
    () => ((value.names as { length: number }).length = 0),
  ];
}

/** All of a value as text: types, order of keys, -0, holes and bytes; assertion libraries forgive some of these. */
function portraitOf(value: unknown): string {
  return inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null });
}

function fail(): never {
  throw new TypeError('not allowed');
}

function succeeds(change: () => unknown): boolean {
  try {
    change();
    return true;
  } catch {
    return false;
  }
}

/** Bytes cannot be frozen, so writing to them works; it must still reach nobody else. */
function overwriteBytes({ bytes, floats, buffer, memory, view }: Bytes): void {
  bytes.fill(9);
  floats.fill(9);
  buffer.fill(9);
  new Uint8Array(memory).fill(9);
  view.setUint8(0, 9);
}
