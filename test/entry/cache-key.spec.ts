import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { encodeKeyArguments, encodeKeyPart, storeKey } from '../../src/entry/cache-key.js';
import { UnkeyableArgumentError } from '../../src/entry/entry.errors.js';
import { seal } from '../../src/entry/sealed-value.js';

const PLACE = '@Cacheable on PricingService.priceOf';
const keyOf = (...args: unknown[]): string => encodeKeyArguments(args, PLACE);

class Order {
  constructor(readonly id: number) {}
}

const different: readonly (readonly [string, unknown, unknown])[] = [
  ['a number and its text', 1, '1'],
  ['a number and a bigint', 1, 1n],
  ['text and a bigint', '1', 1n],
  ['null and undefined', null, undefined],
  ['null and its name', null, 'null'],
  ['zero and minus zero', 0, -0],
  ['NaN and its name', NaN, 'NaN'],
  ['infinity and minus infinity', Infinity, -Infinity],
  ['true and its name', true, 'true'],
  ['true and false', true, false],
  ['separators inside array members', ['a:b', 'c'], ['a', 'b:c']],
  ['members that run into each other', ['ab', 'c'], ['a', 'bc']],
  ['a nested array and a flat one', [['a'], 'b'], ['a', ['b']]],
  ['the order of array members', [1, 2], [2, 1]],
  ['an empty array and an empty object', [], {}],
  ['an undefined property and an absent one', { a: undefined }, {}],
  ['a property of another name', { a: 1 }, { b: 1 }],
  ['a name that looks like an encoded member', { a: 1, b: 2 }, { 'an1;s1:b': 2 }],
  ['an own __proto__ and none', JSON.parse('{"__proto__":{"admin":true}}'), {}],
  ['two own __proto__', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}')],
  ['a Date and its milliseconds', new Date(5), 5],
  ['two Dates', new Date(5), new Date(6)],
  ['an invalid Date and the epoch', new Date(NaN), new Date(0)],
  ['a Map and an object', new Map([['a', 1]]), { a: 1 }],
  ['a Map and a Set of the same parts', new Map([['a', 'b']]), new Set(['a', 'b'])],
  ['two Maps', new Map([['a', 1]]), new Map([['a', 2]])],
  ['a Map with keys and values exchanged', new Map([['a', 'b']]), new Map([['b', 'a']])],
  ['two Sets', new Set([1]), new Set(['1'])],
  ['a Set and an array', new Set([1]), [1]],
  ['bytes of two kinds', new Uint8Array([1]), new Int8Array([1])],
  ['a Buffer and a Uint8Array', Buffer.from([1]), new Uint8Array([1])],
  ['an ArrayBuffer and a DataView', new ArrayBuffer(2), new DataView(new ArrayBuffer(2))],
  ['other bytes', Buffer.from([1]), Buffer.from([2])],
  ['bytes and their base64 text', Buffer.from([1]), Buffer.from([1]).toString('base64')],
  ['lone surrogates', '\ud800', '\ud801'],
  ['look-alikes in Unicode', 'é', 'e\u0301'],
];

const same: readonly (readonly [string, unknown, unknown])[] = [
  ['object keys in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
  [
    'Map entries in another order',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, 'b'],
    ]),
    new Map<unknown, unknown>([
      [2, 'b'],
      ['a', 1],
    ]),
  ],
  ['Set members in another order', new Set([1, 'a', null]), new Set([null, 'a', 1])],
  ['objects from another realm', { a: [1, { b: 2 }] }, runInNewContext('({ a: [1, { b: 2 }] })')],
  [
    'built-ins from another realm',
    [new Map([[1, new Date(5)]]), new Set([1])],
    runInNewContext('[new Map([[1, new Date(5)]]), new Set([1])]'),
  ],
  ['an object without a prototype and a literal', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ['a hole and undefined', new Array(1), [undefined]],
  [
    'a view into a larger memory and the same bytes alone',
    new Uint8Array([9, 1, 2]).subarray(1),
    new Uint8Array([1, 2]),
  ],
  [
    'an object whose prototype is empty, as of older query parsers, and a literal',
    Object.assign(Object.create(Object.create(null) as object) as object, { a: 1 }),
    { a: 1 },
  ],
  ['two invalid Dates', new Date(NaN), new Date('no date')],
];

describe('the key of an argument', () => {
  it.each(different)('tells apart %s', (_, a, b) => {
    expect(encodeKeyPart(a)).not.toBe(encodeKeyPart(b));
    expect(encodeKeyPart([a])).not.toBe(encodeKeyPart([b]));
    expect(encodeKeyPart({ member: a })).not.toBe(encodeKeyPart({ member: b }));
    expect(encodeKeyPart(new Map([[1, a]]))).not.toBe(encodeKeyPart(new Map([[1, b]])));
    expect(encodeKeyPart(new Set([[a]]))).not.toBe(encodeKeyPart(new Set([[b]])));
  });

  it.each(same)('does not tell apart %s', (_, a, b) => {
    expect(encodeKeyPart(a)).toBe(encodeKeyPart(b));
  });

  it('is equal for two values exactly when the values are', () => {
    const leaf = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        undefined,
        true,
        false,
        0,
        -0,
        1,
        NaN,
        1n,
        '',
        '1',
        's1:a',
        ';',
        '{',
        '}',
        ']',
        'n1;',
      ),
      fc.constantFrom<unknown>(new Date(0), new Date(1), new Date(NaN), Buffer.from([1]), new Uint8Array([1])),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'an1;', '__proto__'), tie('value'), {
          maxKeys: 3,
          noNullPrototype: true,
        }),
        fc.array(fc.tuple(leaf, tie('value')), { maxLength: 2 }).map((entries) => new Map(entries)),
        fc.array(leaf, { maxLength: 3 }).map((members) => new Set(members)),
      ),
    }));

    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(encodeKeyPart(a) === encodeKeyPart(b)).toBe(isDeepStrictEqual(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('is equal for a value and its deep copy with every order reversed', () => {
    fc.assert(
      fc.property(keyable, (value) => {
        expect(encodeKeyPart(reversed(value))).toBe(encodeKeyPart(value));
      }),
    );
  });

  it('is equal for a value and the frozen copy that the cache serves', () => {
    const value = { at: new Date(5), byId: new Map([[1, new Set(['a'])]]) };

    expect(encodeKeyPart(seal(value, []).value)).toBe(encodeKeyPart(value));
  });

  it('does not depend on a patched toJSON, iterator or getTime', () => {
    const patched = Object.assign(new Map([[1, 2]]));
    Object.defineProperty(patched, Symbol.iterator, { value: () => [].values() });
    Object.defineProperty(patched, 'entries', { value: () => [].values() });

    expect(encodeKeyPart(patched)).toBe(encodeKeyPart(new Map([[1, 2]])));
  });
});

describe('the key of a call', () => {
  it('depends on the number of arguments', () => {
    expect(keyOf(1, 2, 3)).not.toBe(keyOf(1, 2));
    expect(keyOf()).not.toBe(keyOf(undefined));
    expect(keyOf('a')).not.toBe(keyOf('a', undefined));
  });

  it('depends on the order of arguments', () => {
    expect(keyOf(null, 'a', null)).not.toBe(keyOf('a', null, null));
    expect(keyOf('a', 'b')).not.toBe(keyOf('b', 'a'));
  });

  it('does not confuse several arguments with one array', () => {
    expect(keyOf('a', 'b')).not.toBe(keyOf(['a', 'b']));
    expect(keyOf('a')).not.toBe(keyOf(['a']));
  });

  it('is never equal for two different lists of texts', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('s', '1', '2', ':', ';', 'n', '[', ']', '|') }), {
      maxLength: 4,
    });

    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(keyOf(...a) === keyOf(...b)).toBe(isDeepStrictEqual(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('is never equal to that of a text which contains the edge between two others', () => {
    const edge = fc.constantFrom('s:', 's1:', 's0:', ':', ';', '');
    const text = fc.string({ unit: fc.constantFrom('s', '1', ':'), maxLength: 2 });

    fc.assert(
      fc.property(text, edge, text, (before, between, after) => {
        expect(keyOf(before + between + after)).not.toBe(keyOf(before, after));
        expect(keyOf({ [before + between + after]: 1 })).not.toBe(keyOf({ [before]: after }));
      }),
    );
  });

  it('is the text that it was when it was computed, whatever happens to the argument later', () => {
    const filter = { where: ['a'] };
    const before = keyOf(filter);
    filter.where.push('b');

    expect(before).toBe(keyOf({ where: ['a'] }));
  });
});

describe('an argument that cannot be keyed', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = { again: cyclic };

  it.each<[string, unknown, string, string]>([
    ['a function', () => 1, 'a function', ''],
    ['a nested function', [{ filter: { where: () => 1 } }], 'a function', '[0].filter.where'],
    [
      'a part that comes after a deeper one',
      { first: { a: { b: 1 } }, second: /a/ },
      'an instance of RegExp',
      '.second',
    ],
    ['a function without a prototype', Object.setPrototypeOf(() => 1, null), 'a function', ''],
    ['a symbol', Symbol('a'), 'a symbol', ''],
    ['a symbol as a member', { a: Symbol('a') }, 'a symbol', '.a'],
    ['a symbol as a key', { a: { [Symbol('a')]: 1 } }, 'an object with a symbol for a key', '.a'],
    ['a promise', { a: Promise.resolve(1) }, 'a promise', '.a'],
    ['a class instance', { 'the order': new Order(1) }, 'an instance of Order', '["the order"]'],
    ['an instance of a class that extends null', Object.create(nullBased()), 'an instance of Rootless', ''],
    [
      'an object with inherited data',
      Object.create(Object.assign(Object.create(null) as object, { a: 1 })),
      'an object without a named class',
      '',
    ],
    ['a subclass of Map', new (class Prices extends Map {})(), 'an instance of Prices', ''],
    ['a subclass of Array', new (class Rows extends Array {})(), 'an instance of Rows', ''],
    ['a subclass of Uint8Array', new (class Pixels extends Uint8Array {})(), 'an instance of Pixels', ''],
    ['a regular expression', /a/, 'an instance of RegExp', ''],
    ['an error', new Error('a'), 'an instance of Error', ''],
    ['a boxed number', Object(1), 'an instance of Number', ''],
    ['a match of a regular expression', /a/.exec('ba'), 'an instance of Array with properties of its own', ''],
    [
      'an array with a name that is a number',
      Object.assign([1, 2, 3], { 1.5: 1 }),
      'an instance of Array with properties of its own',
      '',
    ],
    [
      'an array with a name that only looks like a position',
      Object.assign([1, 2], { '01': 1 }),
      'an instance of Array with properties of its own',
      '',
    ],
    [
      'an array with a name below zero',
      Object.assign([1], { '-1': 1 }),
      'an instance of Array with properties of its own',
      '',
    ],
    [
      'a Date with a property',
      Object.assign(new Date(0), { a: 1 }),
      'an instance of Date with properties of its own',
      '',
    ],
    ['a Set with a property', Object.assign(new Set(), { a: 1 }), 'an instance of Set with properties of its own', ''],
    ['a Map with a property', Object.assign(new Map(), { a: 1 }), 'an instance of Map with properties of its own', ''],
    ['a member of a Set', new Set([1, () => 1]), 'a function', '<member 1>'],
    ['a value in a Map', new Map([['a', [() => 1]]]), 'a function', '<entry 0>[0]'],
    ['a cycle', cyclic, 'a reference back to an object that contains it', '.self.again'],
  ])('is refused: %s', (_, argument, kind, path) => {
    const error = errorOf(() => keyOf('first', argument));

    expect(error).toMatchObject({ code: 'KEY_ARGUMENT_UNKEYABLE', kind, path, position: 2, where: PLACE });
  });

  it('says what, where and how to fix it', () => {
    expect(errorOf(() => keyOf({ filter: { where: () => 1 } })).message).toBe(
      '[KEY_ARGUMENT_UNKEYABLE] Parameter 1 cannot be part of a cache key: it holds a function at .filter.where ' +
        '(@Cacheable on PricingService.priceOf). Say what identifies the entry with a `key` function that returns ' +
        'plain data, such as `key: (order) => order.id`.',
    );
  });

  it('is named as the value when it stands alone', () => {
    expect(errorOf(() => encodeKeyPart(() => 1)).message).toContain(
      'The value cannot be part of a cache key: it is a function',
    );
  });

  it('is refused when reading it throws, with the cause beside the message', () => {
    const cause = new Error('the secret 4711');
    const argument = {
      nested: {
        get secret(): string {
          throw cause;
        },
      },
    };
    const error = errorOf(() => keyOf(argument));

    expect(error).toMatchObject({ kind: 'something that threw when it was read', path: '.nested.secret', cause });
    expect(error.message).not.toContain('4711');
  });

  it('is refused past 500 levels, and not before', () => {
    expect(() => keyOf(nested(500))).not.toThrow();
    expect(errorOf(() => keyOf(nested(501))).kind).toBe('something nested more than 500 levels deep');
    expect(errorOf(() => keyOf(nested(100_000))).kind).toBe('something nested more than 500 levels deep');
  });

  it('is refused when it is an array of almost nothing but holes', () => {
    const holes: unknown[] = [];
    holes[4_000_000_000] = 1;

    expect(errorOf(() => keyOf({ holes }))).toMatchObject({ kind: 'an array that is mostly holes', path: '.holes' });
  });

  it('is refused when its shared references would unfold into more than a million objects', () => {
    let argument: unknown = {};
    for (let level = 0; level < 40; level++) argument = { left: argument, right: argument };

    expect(errorOf(() => keyOf(argument)).kind).toBe('more objects than a cache should hold');
  });

  it('is not one object that merely occurs twice', () => {
    const shared = { a: 1 };

    expect(keyOf({ x: shared, y: shared })).toBe(keyOf({ x: { a: 1 }, y: { a: 1 } }));
  });
});

describe('the key in a store', () => {
  it('is the full key while that is short and plain', () => {
    const key = `shop|PricingService.priceOf|1|${keyOf('sku-1')}`;

    expect(storeKey(key)).toBe(key);
  });

  it('is the full key up to 200 characters', () => {
    expect(storeKey('k'.repeat(200))).toBe('k'.repeat(200));
    expect(storeKey('k'.repeat(201))).toMatch(/^k{100}~[0-9a-f]{64}$/);
  });

  it.each(['a b', 'a\nb', 'a\u0000b', 'é', '\ud83d\ude00', 'a\u007fb'])('is digested for %j', (key) => {
    expect(storeKey(key)).toMatch(/^[\x21-\x7d]*~[0-9a-f]{64}$/);
  });

  it('is plain, short, and different for different keys', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', '~', ' ', '\ud800', '\ud801'), maxLength: 5 }),
    );

    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(storeKey(a)).toMatch(/^[\x21-\x7e]*$/);
        expect(storeKey(a).length).toBeLessThanOrEqual(200);
        expect(storeKey(a) === storeKey(b)).toBe(a === b);
      }),
      { numRuns: 1000 },
    );
  });

  it('does not confuse lone surrogates, which UTF-8 would all make U+FFFD', () => {
    expect(storeKey('\ud800')).not.toBe(storeKey('\ud801'));
    expect(storeKey('\ud800')).not.toBe(storeKey('\ufffd'));
  });

  it('cannot be forged: a full key that looks like a digested one is digested itself', () => {
    const digested = storeKey('k'.repeat(201));

    expect(storeKey(digested)).not.toBe(digested);
  });
});

const keyable = fc.anything({
  maxDepth: 3,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
});

function reversed(value: unknown): unknown {
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, member]) => [reversed(key), reversed(member)] as const).reverse());
  if (value instanceof Set) return new Set(Array.from(value, reversed).reverse());
  if (Array.isArray(value)) return Array.from(value, reversed);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
  const copy: object = {};
  for (const [name, member] of Object.entries(value).reverse()) {
    Object.defineProperty(copy, name, { value: reversed(member), enumerable: true });
  }

  return copy;
}

function nested(levels: number): unknown {
  let value: unknown[] = [];
  for (let level = 1; level < levels; level++) value = [value];

  return value;
}

/** The prototype of `class Rootless extends null`. */
function nullBased(): object {
  class Rootless {
    id = 1;
  }
  Object.setPrototypeOf(Rootless.prototype, null);

  return Rootless.prototype;
}

function errorOf(call: () => unknown): UnkeyableArgumentError {
  try {
    call();
  } catch (error) {
    if (error instanceof UnkeyableArgumentError) return error;
    throw error;
  }

  throw new Error('nothing was refused');
}
