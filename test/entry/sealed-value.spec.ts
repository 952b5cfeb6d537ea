import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { UnstorableValueError } from '../../src/entry/entry.errors.js';
import { copyOf, seal, sealDecoded, sealParsed } from '../../src/entry/sealed-value.js';
import { resolveCodecs } from '../../src/entry/value-codec.js';
import { isBytes, storable, unfrozenPartsOf } from './storable.js';

class Order {
  constructor(readonly id: number) {}
}

/** Cannot be copied by its properties: it has none. */
class Money {
  readonly #cents: number;
  readonly history: string[] = [];
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

const money = resolveCodecs([
  {
    type: Money,
    encode: (each: Money) => ({ cents: each.cents }),
    decode: ({ cents }: { cents: number }) => new Money(cents),
  },
]);

describe('a sealed value', () => {
  it('is equal to the original, and shares nothing with it', () => {
    fc.assert(
      fc.property(storable, (value) => {
        const sealed = seal(value, []);

        expect(sealed.value).toEqual(value);
        expect(isDeepStrictEqual(copyOf(sealed.value, []), value)).toBe(true);
        expect(commonObjects(sealed.value, value)).toEqual([]);
      }),
    );
  });

  it('is frozen in every part that can be', () => {
    fc.assert(
      fc.property(storable, (value) => {
        const sealed = seal(value, []);

        expect(unfrozenPartsOf(sealed.value).every((part) => isBytes(part))).toBe(true);
        expect(sealed.shareable).toBe(unfrozenPartsOf(sealed.value).length === 0);
      }),
    );
  });

  it('is json exactly when JSON gives the same value back', () => {
    fc.assert(
      fc.property(storable, (value) => {
        expect(seal(value, []).json).toBe(survivesJson(value));
      }),
    );
  });

  it.each<[string, unknown, boolean]>([
    ['plain data', { a: [1, 'a', true, null, { b: {} }] }, true],
    ['text', 'a', true],
    ['a number', 1.5, true],
    ['null', null, true],
    ['undefined', undefined, false],
    ['an undefined property', { a: undefined }, false],
    ['NaN', NaN, false],
    ['a nested NaN', [NaN], false],
    ['infinity', [Infinity], false],
    ['minus zero', [-0], false],
    ['a bigint', { a: 1n }, false],
    ['a Date', { a: new Date(0) }, false],
    ['a Map', new Map(), false],
    ['a Set', [new Set()], false],
    ['an object without a prototype', { a: Object.create(null) }, false],
    ['a hole', new Array(1), false],
    ['bytes', Buffer.from('a'), false],
  ])('says whether it is json: %s', (_, value, json) => {
    expect(seal(value, []).json).toBe(json);
  });

  it.each<[string, unknown, boolean]>([
    ['plain data', { a: [1] }, true],
    ['a Date, a Map and a Set', [new Date(0), new Map([[{}, {}]]), new Set([{}])], true],
    ['a Buffer', { a: Buffer.from('a') }, false],
    ['a typed array', new Map([[1, new Float64Array(1)]]), false],
    ['an ArrayBuffer', new Set([new ArrayBuffer(1)]), false],
    ['a DataView', [new DataView(new ArrayBuffer(1))], false],
    ['an instance that a codec decodes', [new Money(5)], false],
  ])('says whether it can be shared: %s', (_, value, shareable) => {
    expect(seal(value, money).shareable).toBe(shareable);
  });

  it('does not follow the original when that changes later', () => {
    const original = {
      lines: [{ price: 1 }],
      at: new Date(1),
      byId: new Map([['a', { n: 1 }]]),
      bytes: Buffer.from('a'),
    };
    const { value } = seal(original, []);
    Object.assign(original.lines[0] ?? {}, { price: 2 });
    original.at.setTime(2);
    Object.assign(original.byId.get('a') ?? {}, { n: 2 });
    original.bytes[0] = 0;

    expect(value).toEqual({
      lines: [{ price: 1 }],
      at: new Date(1),
      byId: new Map([['a', { n: 1 }]]),
      bytes: Buffer.from('a'),
    });
  });

  it('leaves the original as it was: neither frozen nor changed', () => {
    const original = { lines: [{ price: 1 }], byId: new Map([['a', { n: 1 }]]) };
    seal(original, []);

    expect(Object.isFrozen(original) || Object.isFrozen(original.lines[0]) || Object.isFrozen(original.byId)).toBe(
      false,
    );
    expect(original.byId.set('b', { n: 2 }).size).toBe(2);
  });

  it('throws when a caller tries to change it', () => {
    const value = seal({ lines: [{ price: 1 }] }, []).value as { lines: { price: number }[] };

    expect(() => Object.assign(value.lines[0] ?? {}, { price: 2 })).toThrow(TypeError);
    expect(() => value.lines.push({ price: 2 })).toThrow(TypeError);
    expect(() => Reflect.deleteProperty(value, 'lines')).not.toThrow();
    expect(value).toEqual({ lines: [{ price: 1 }] });
  });

  it('can be sealed again, as when one cached method returns what another served', () => {
    const once = seal({ at: new Date(1), byId: new Map([[1, new Set([2])]]) }, []);
    const twice = seal(once.value, []);

    expect(twice).toEqual(once);
    expect(commonObjects(twice.value, once.value)).toEqual([]);
    expect(unfrozenPartsOf(twice.value)).toEqual([]);
  });

  it('holds an object that occurs twice as two copies, in Maps too', () => {
    const shared = { a: 1 };
    const value = seal({ x: shared, y: shared, map: new Map([[shared, shared]]) }, []).value as {
      x: object;
      y: object;
      map: Map<object, object>;
    };

    expect(value.x).not.toBe(value.y);
    expect([...value.map].every(([key, member]) => key !== member)).toBe(true);
  });

  it('belongs to our realm, also when the original came from another', () => {
    const foreign = runInNewContext('({ a: [new Map([[1, new Date(5)]]), new Set([{}]), new Uint8Array([1])] })');
    const value = seal(foreign, []).value as { a: unknown[] };

    expect(value).toBeInstanceOf(Object);
    expect(value.a[0]).toBeInstanceOf(Map);
    expect(value.a).toEqual([new Map([[1, new Date(5)]]), new Set([{}]), new Uint8Array([1])]);
  });

  it('keeps an object without a prototype that way', () => {
    const value = seal(Object.assign(Object.create(null) as object, { a: 1 }), []).value;

    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.getPrototypeOf(copyOf(value, []))).toBeNull();
  });

  it('keeps the holes of an array', () => {
    const sparse: unknown[] = ['a'];
    sparse[2] = undefined;
    const { value } = seal(sparse, []);

    expect(Object.keys(value as object)).toEqual(['0', '2']);
    expect(Object.keys(copyOf(value, []) as object)).toEqual(['0', '2']);
  });

  it('keeps what a getter returned, not the getter', () => {
    const value = seal({ get now() { return 5; } }, []).value; // prettier-ignore

    expect(Object.getOwnPropertyDescriptor(value, 'now')).toMatchObject({ value: 5, writable: false });
  });

  it('keeps no memory of the pool that a Buffer came from', () => {
    const value = seal(Buffer.from('a'), []).value as Buffer;

    expect(value.buffer.byteLength).toBe(1);
    expect(Buffer.isBuffer(value)).toBe(true);
  });
});

describe('a value that cannot be stored', () => {
  const cyclic: { children: unknown[] } = { children: [] };
  cyclic.children.push({ parent: cyclic });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();

  it.each<[string, unknown, string, string]>([
    ['a function', () => 1, 'a function', ''],
    ['a method among data', { order: { lines: [1, () => 1] } }, 'a function', '.order.lines[1]'],
    [
      'a part that comes after a deeper one',
      { first: { a: { b: 1 } }, second: /a/ },
      'an instance of RegExp',
      '.second',
    ],
    ['a function without a prototype', Object.setPrototypeOf(() => 1, null), 'a function', ''],
    ['a symbol', [Symbol('a')], 'a symbol', '[0]'],
    ['a symbol as a key', { a: { [Symbol('a')]: 1 } }, 'an object with a symbol for a key', '.a'],
    ['a promise', { price: Promise.resolve(1) }, 'a promise', '.price'],
    ['an instance of a class without a codec', { order: new Order(1) }, 'an instance of Order', '.order'],
    ['an error', new Error('a'), 'an instance of Error', ''],
    ['a regular expression', [/a/], 'an instance of RegExp', '[0]'],
    ['a WeakMap', new WeakMap(), 'an instance of WeakMap', ''],
    ['a boxed text', Object('a'), 'an instance of String', ''],
    ['a subclass of Array', { rows: new (class Rows extends Array {})() }, 'an instance of Rows', '.rows'],
    ['a subclass of Date', new (class Day extends Date {})(), 'an instance of Day', ''],
    [
      'a subclass of Buffer',
      Object.setPrototypeOf(Buffer.from('a'), Object.create(Buffer.prototype as object) as object),
      'an instance of Buffer',
      '',
    ],
    ['shared memory', new SharedArrayBuffer(1), 'an instance of SharedArrayBuffer', ''],
    ['a cycle', cyclic, 'a reference back to an object that contains it', '.children[0].parent'],
    [
      'an own __proto__',
      { a: JSON.parse('{"__proto__":{"admin":true}}') },
      'an object with a property named __proto__',
      '.a',
    ],
    [
      'an own __proto__ that is a scalar',
      JSON.parse('{"__proto__":1}'),
      'an object with a property named __proto__',
      '',
    ],
    ['a Map key', new Map([[() => 1, 1]]), 'a function', '<entry 0>'],
    ['a Map value', new Map([['a', { b: () => 1 }]]), 'a function', '<entry 0>.b'],
    ['a Set member', new Set([1, () => 1]), 'a function', '<member 1>'],
    ['a revoked proxy', { a: revoked.proxy }, 'something that threw when it was read', '.a'],
  ])('is refused: %s', (_, value, kind, path) => {
    expect(errorOf(value)).toMatchObject({ code: 'VALUE_UNSTORABLE', kind, path, where: '@Cacheable on A.b' });
  });

  it('says what, where and how to fix it, and never the value', () => {
    expect(errorOf({ order: new Order(4711) }).message).toBe(
      '[VALUE_UNSTORABLE] The result cannot be stored: it holds an instance of Order at .order (@Cacheable on A.b). Return ' +
        'plain data, or name the class in `codecs`, with `encode` and `decode` when its own properties are not all of it.',
    );
  });

  it('is refused when a getter throws; what the getter said stays out of the message', () => {
    const cause = new Error('card 4711');
    const value = { card: Object.defineProperty({}, 'number', { enumerable: true, get: () => { throw cause; } }) }; // prettier-ignore
    const error = errorOf(value);

    expect(error).toMatchObject({ kind: 'something that threw when it was read', path: '.card', cause });
    expect(error.message).not.toContain('4711');
  });

  it('is refused past 500 levels, and not before', () => {
    expect(() => seal(nested(500), [])).not.toThrow();
    expect(errorOf(nested(501)).kind).toBe('something nested more than 500 levels deep');
    expect(errorOf(nested(100_000)).kind).toBe('something nested more than 500 levels deep');
  });

  it('is refused when its shared references would unfold into more than a million objects', () => {
    let value: unknown = {};
    for (let level = 0; level < 40; level++) value = [value, value];

    expect(errorOf(value).kind).toBe('more objects than a cache should hold');
  });

  it('is refused when it is an array of almost nothing but holes', () => {
    const holes: unknown[] = [];
    holes[4_000_000_000] = 1;

    expect(errorOf({ holes })).toMatchObject({ kind: 'an array that is mostly holes', path: '.holes' });
  });

  it('leaves no trace in the next value', () => {
    expect(() => seal([[[() => 1]]], [])).toThrow(UnstorableValueError);

    expect(seal({ a: 1 }, [])).toEqual({ value: { a: 1 }, json: true, shareable: true });
  });
});

describe('a copy of a sealed value', () => {
  it('can be changed in every part, without reaching the sealed value', () => {
    const original = {
      lines: [{ price: 1 }],
      at: new Date(1),
      byId: new Map([['a', { n: 1 }]]),
      ids: new Set([1]),
      bytes: Buffer.from('a'),
    };
    const sealed = seal(original, []);
    const copy = copyOf(sealed.value, []) as typeof original;
    Object.assign(copy.lines[0] ?? {}, { price: 2 });
    copy.lines.push({ price: 3 });
    copy.at.setTime(2);
    Object.assign(copy.byId.get('a') ?? {}, { n: 2 });
    copy.byId.clear();
    copy.ids.add(2);
    copy.bytes[0] = 0;

    expect(sealed.value).toEqual(original);
    expect(copyOf(sealed.value, [])).toStrictEqual(original);
  });

  it('has no frozen part', () => {
    fc.assert(
      fc.property(storable, (value) => {
        const copy = copyOf(seal(value, []).value, []);
        const parts = allObjects(copy);

        expect(unfrozenPartsOf(copy)).toHaveLength(parts.length);
        expect(parts.filter((part) => part instanceof Map || part instanceof Date).every((part) => !('set' in part) || Object.getPrototypeOf(part) === Map.prototype)).toBe(true); // prettier-ignore
      }),
    );
  });

  it('is a fresh instance for what a codec decodes', () => {
    const { value } = seal({ price: new Money(5) }, money) as { value: { price: Money } };
    const copy = copyOf(value, money) as { price: Money };
    copy.price.history.push('changed');

    expect(copy.price.cents).toBe(5);
    expect(value.price.history).toEqual([]);
  });
});

describe('a value that JSON.parse has just made', () => {
  it('is sealed in place exactly as its copy would be', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        const sealed = sealParsed(parsed);

        expect(sealed).toEqual(seal(parsed, []));
        expect(sealed?.value).toBe(parsed);
        expect(unfrozenPartsOf(parsed)).toEqual([]);
      }),
    );
  });

  it.each(['{"__proto__":1}', '[{"a":{"__proto__":{}}}]', '-0', '[1e999]', `${'['.repeat(501)}${']'.repeat(501)}`])(
    'is refused when our encoder cannot have written it: %.30s',
    (text) => {
      expect(sealParsed(JSON.parse(text))).toBeUndefined();
    },
  );
});

describe('a value that was decoded', () => {
  it('is refused when it holds more objects than its text can', () => {
    const twice = {};

    expect(sealDecoded([twice], [], 2).value).toEqual([{}]);
    expect(() => sealDecoded([twice, twice], [], 2)).toThrow(UnstorableValueError);
  });
});

function errorOf(value: unknown): UnstorableValueError {
  try {
    seal(value, [], '@Cacheable on A.b');
  } catch (error) {
    if (error instanceof UnstorableValueError) return error;
    throw error;
  }

  throw new Error('nothing was refused');
}

function nested(levels: number): unknown {
  let value: unknown[] = [];
  for (let level = 1; level < levels; level++) value = [value];

  return value;
}

function allObjects(value: unknown, found: object[] = []): object[] {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value);
  if (value instanceof Map) [...value].flat().forEach((each) => allObjects(each, found));
  else if (value instanceof Set) value.forEach((each) => allObjects(each, found));
  else if (!isBytes(value)) Object.values(value).forEach((each) => allObjects(each, found));

  return found;
}

function commonObjects(a: unknown, b: unknown): object[] {
  const inB = new Set(allObjects(b));

  return allObjects(a).filter((each) => inB.has(each));
}

function survivesJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}
