import { describe, expect, it } from '@jest/globals';
import { Exclude, Expose, Type, instanceToPlain } from 'class-transformer';
import 'reflect-metadata';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { InvalidCodecError, UnstorableValueError } from '../../src/entry/entry.errors.js';
import { decodeEntry, encodeEntry } from '../../src/entry/entry-codec.js';
import { copyOf, seal } from '../../src/entry/sealed-value.js';
import { resolveCodecs, type InstanceCodec, type ResolvedCodec, type ValueCodec } from '../../src/entry/value-codec.js';
import { EMPTY_SNAPSHOT } from '../../src/entry/version-snapshot.js';

class Address {
  city = 'Paris';
}

class User {
  @Exclude() password = 'secret';
  @Type(() => Address) address = new Address();
  createdAt = new Date(5);

  constructor(readonly name: string) {}

  @Expose() get greeting(): string {
    return `Hello ${this.name}`;
  }

  set nickname(_: string) {
    throw new Error('a revived instance runs no setter');
  }
}

class Admin extends User {
  rights = ['all'];
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  plus(other: Money): Money {
    return new Money(this.#cents + other.#cents);
  }
  get cents(): number {
    return this.#cents;
  }
}

const moneyCodec: InstanceCodec<Money, number> = {
  type: Money,
  encode: (each) => each.cents,
  decode: (cents) => new Money(cents),
};

/** The three ways in which a caller can meet a cached value. */
const ways: readonly (readonly [string, (value: unknown, codecs: readonly ResolvedCodec[]) => unknown])[] = [
  ['shared in memory', (value, codecs) => seal(value, codecs).value],
  ['copied for one caller', (value, codecs) => copyOf(seal(value, codecs).value, codecs)],
  [
    'read back from a store',
    (value, codecs) => decodeEntry(encodeEntry(entryWith(value, codecs), codecs), codecs)?.sealed.value,
  ],
];

describe.each(ways)('an instance of a class with a codec, %s', (_, served) => {
  const codecs = resolveCodecs([User, Address, moneyCodec]);

  it('is an instance with all its own properties and the methods of its class', () => {
    const user = served(new User('Ada'), codecs) as User;

    expect(user).toBeInstanceOf(User);
    expect(user.address).toBeInstanceOf(Address);
    expect(user.greeting).toBe('Hello Ada');
    expect(user).toStrictEqual(new User('Ada'));
  });

  it('still hides what class-transformer excludes, at every depth', () => {
    expect(instanceToPlain(served([new User('Ada')], codecs))).toEqual([
      { address: { city: 'Paris' }, createdAt: new Date(5), name: 'Ada', greeting: 'Hello Ada' },
    ]);
  });

  it('keeps what only encode and decode can reach', () => {
    const { price } = served({ price: new Money(5) }, codecs) as { price: Money };

    expect(price.plus(new Money(1)).cents).toBe(6);
  });

  it('runs no setter of its class, also for a property of the same name', () => {
    const user = Object.defineProperty(new User('Ada'), 'nickname', { value: 'A', enumerable: true });

    expect(Object.getOwnPropertyDescriptor(served(user, codecs), 'nickname')).toMatchObject({ value: 'A' });
  });

  it('may be nested in Maps, Sets and the stored form of another codec', () => {
    const nested = { byName: new Map([['Ada', new Set([new User('Ada')])]]), price: new Money(5) };
    const boxed = resolveCodecs([User, Address, moneyCodec, { type: Box, encode: (box: Box) => box.content, decode: (content: unknown) => new Box(content) }]); // prettier-ignore
    const box = served(new Box(nested), boxed) as Box;

    expect(box.content).toStrictEqual(nested);
    expect((box.content as typeof nested).price.cents).toBe(5);
  });
});

class Box {
  readonly content: unknown;
  constructor(content: unknown) {
    this.content = content;
  }
}

describe('an instance of a class with a codec', () => {
  const codecs = resolveCodecs([User, Address]);

  it('is frozen with everything in it when shared', () => {
    const { value, shareable, json } = seal(new User('Ada'), codecs);

    expect([shareable, json]).toEqual([true, false]);
    expect(() => ((value as User).address.city = 'Rome')).toThrow(TypeError);
    expect(() => ((value as User).password = '')).toThrow(TypeError);
  });

  it('is refused when it is of a subclass, whose own part would be lost', () => {
    expect(() => seal(new Admin('Ada'), codecs)).toThrow('an instance of Admin');
    expect(seal(new Admin('Ada'), resolveCodecs([User, Address, Admin])).value).toStrictEqual(new Admin('Ada'));
  });

  it('is refused when its codec revives something else', () => {
    const wrong = resolveCodecs([{ type: Money, encode: () => 1, decode: () => new Address() }]);

    expect(() => seal([new Money(1)], wrong)).toThrow(
      'an instance of Money that its codec revives as another class at [0]',
    );
  });

  it.each(['encode', 'decode'] as const)(
    'is refused when its %s throws, with the cause beside the message',
    (which) => {
      const cause = new Error('4711');
      const failing = resolveCodecs([{ ...moneyCodec, [which]: () => { throw cause; } }]); // prettier-ignore

      expect(() => seal({ a: new Money(1) }, failing)).toThrow(
        expect.objectContaining({
          code: 'VALUE_UNSTORABLE',
          path: '.a',
          cause,
          message: expect.not.stringContaining('4711'),
        }),
      );
    },
  );

  it('is refused when its codec encodes it as itself, for ever', () => {
    const endless = resolveCodecs([{ type: Money, encode: (each) => [each], decode: () => new Money(1) }]);

    expect(() => seal(new Money(1), endless)).toThrow(UnstorableValueError);
  });

  it('gives decode a form of its own that it may keep and change', () => {
    const stored: unknown[] = [];
    const keeping = resolveCodecs([
      { type: Box, encode: (box: Box) => box.content, decode: (content: unknown) => { stored.push(content); return new Box(content); } }, // prettier-ignore
    ]);
    const content = { lines: [1] };
    const { value } = seal(new Box(content), keeping);
    copyOf(value, keeping);

    expect(new Set([content, ...stored]).size).toBe(3);
    expect(stored.some((each) => Object.isFrozen(each))).toBe(false);
  });

  it('is absent when another class is now stored under its name, or none', () => {
    const text = encodeEntry(entryWith(new Address(), codecs), codecs);

    expect(decodeEntry(text, codecs)).toBeDefined();
    expect(decodeEntry(text, resolveCodecs([User]))).toBeUndefined();
  });

  it('is found by the name of its codec, whatever characters that has', () => {
    const named = resolveCodecs([{ ...moneyCodec, name: 'mon"ey\\ \u2028' }, { type: Box, name: '__proto__', encode: () => 1, decode: () => new Box(1) }]); // prettier-ignore
    const renamed = resolveCodecs([{ ...moneyCodec, name: 'money' }]);
    const text = encodeEntry(entryWith([new Money(5), new Box(1)], named), named);

    expect(decodeEntry(text, named)?.sealed.value).toEqual([new Money(5), new Box(1)]);
    expect(decodeEntry(text, renamed)).toBeUndefined();
  });
});

describe('a codec', () => {
  it('keeps its this', () => {
    const codec = {
      type: Money,
      unit: 100,
      encode(each: Money): number {
        return each.cents / this.unit;
      },
      decode(units: number): Money {
        return new Money(units * this.unit);
      },
    };
    const { value } = seal(new Money(500), resolveCodecs([codec]));

    expect((value as Money).cents).toBe(500);
  });

  it.each<[string, readonly ValueCodec[], string]>([
    ['the same class twice', [User, User], "Two codecs claim 'User'"],
    [
      'one class under two names',
      [User, { type: User, name: 'Person', encode: () => 1, decode: () => new User('') }],
      "Two codecs claim 'Person'",
    ],
    [
      'two classes of one name',
      [Money, { ...moneyCodec, type: Address, name: 'Money', decode: () => new Address() }],
      "Two codecs claim 'Money'",
    ],
    [
      'a class without a name',
      [
        (() =>
          class {
            id = 1;
          })(),
      ],
      'A codec is for a class without a name',
    ],
    ['a class that is kept anyway', [Map], "A codec is for 'Map', which is kept as it is without one"],
    [
      'a typed array',
      [{ type: Float64Array, encode: () => 1, decode: () => new Float64Array() }],
      "A codec is for 'Float64Array'",
    ],
    ['a bare class built on Map', [class Prices extends Map {}], "The class 'Prices' is built on Map"],
    [
      'a bare class built on Error',
      [class Broken extends class Base extends Error {} {}],
      "The class 'Broken' is built on Error",
    ],
    ['a bare built-in', [RegExp], "The class 'RegExp' is built on RegExp"],
  ])('is refused for %s', (_, codecs, what) => {
    const resolve = (): unknown => resolveCodecs(codecs, '@Cacheable on A.b');

    expect(resolve).toThrow(InvalidCodecError);
    expect(resolve).toThrow(
      expect.objectContaining({
        code: 'POLICY_INVALID',
        what: expect.stringContaining(what),
        where: '@Cacheable on A.b',
      }),
    );
  });

  it('may encode a class built on a built-in', () => {
    class Rows extends Array<number> {
      total(): number {
        return this.reduce((sum, each) => sum + each, 0);
      }

      static holding(numbers: readonly number[]): Rows {
        const rows = new Rows();
        rows.push(...numbers);

        return rows;
      }
    }
    const codecs = resolveCodecs([
      { type: Rows, encode: (rows: Rows) => [...rows], decode: (rows: number[]) => Rows.holding(rows) },
    ]);

    const copy = copyOf(seal(Rows.holding([1, 2]), codecs).value, codecs);

    expect(copy).toStrictEqual(Rows.holding([1, 2]));
    expect((copy as Rows).total()).toBe(3);
  });
});

function entryWith(value: unknown, codecs: readonly ResolvedCodec[]): CacheEntry {
  return {
    key: 'k',
    subject: undefined,
    nonce: 'n',
    loadStartMs: 1,
    loadEndMs: 2,
    asOfMs: 1,
    freshUntilMs: 3,
    deadlineMs: 4,
    snapshot: EMPTY_SNAPSHOT,
    sealed: seal(value, codecs),
  };
}
