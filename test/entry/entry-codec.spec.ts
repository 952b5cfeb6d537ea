import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { decodeEntry, encodeEntry } from '../../src/entry/entry-codec.js';
import { UnstorableValueError } from '../../src/entry/entry.errors.js';
import { copyOf, seal } from '../../src/entry/sealed-value.js';
import { resolveCodecs } from '../../src/entry/value-codec.js';
import { storable, unfrozenPartsOf } from './storable.js';

class Box {
  constructor(readonly content: unknown) {}
}
class Money {
  constructor(readonly cents: number) {}
}

const codecs = resolveCodecs([
  Money,
  { type: Box, encode: (box: Box) => box.content, decode: (content: unknown) => new Box(content) },
]);

const header: Omit<CacheEntry, 'sealed'> = {
  key: 'shop|PricingService.priceOf|1|s5:sku-1',
  subject: 'digest',
  nonce: 'nonce',
  loadStartMs: 1000.25,
  loadEndMs: 1005.5,
  asOfMs: 999,
  freshUntilMs: 2000,
  deadlineMs: 3000,
  snapshot: { tags: ['v7:productssku-1', 'fproduct'], versions: ['e.1.a', 'e.2.b'] },
};
const entryWith = (value: unknown, changes: Partial<CacheEntry> = {}): CacheEntry => ({
  ...header,
  sealed: seal(value, codecs),
  ...changes,
});
const roundTrip = (entry: CacheEntry): CacheEntry | undefined => decodeEntry(encodeEntry(entry, codecs), codecs);

/** The stored fields of an entry, one of them replaced. */
const tampered = (position: number, field: unknown, value: unknown = { a: 1 }): string => {
  const fields = JSON.parse(encodeEntry(entryWith(value), codecs)) as unknown[];
  fields[position] = field;

  return JSON.stringify(fields);
};
const withRawValue = (form: number, raw: string): string =>
  encodeEntry(entryWith(0), codecs)
    .replace(/^\["ncc1",0/, `["ncc1",${form}`)
    .replace(/,0\]$/, `,${raw}]`);

describe('an entry read back from a store', () => {
  it('is the entry that was written', () => {
    expect(roundTrip(entryWith({ price: 1 }))).toEqual(entryWith({ price: 1 }));
    expect(roundTrip(entryWith({ at: new Date(5) }))).toEqual(entryWith({ at: new Date(5) }));
  });

  it('has no subject when it had none, and tells that from an empty one', () => {
    expect(roundTrip(entryWith(1, { subject: undefined }))?.subject).toBeUndefined();
    expect(roundTrip(entryWith(1, { subject: '' }))?.subject).toBe('');
  });

  it('never expires when it never did', () => {
    expect(roundTrip(entryWith(1, { freshUntilMs: Infinity, deadlineMs: Infinity }))).toMatchObject({
      freshUntilMs: Infinity,
      deadlineMs: Infinity,
    });
  });

  it.each([NaN, -Infinity])('is absent when it was written with a deadline of %d, which is no moment', (deadlineMs) => {
    expect(roundTrip(entryWith(1, { deadlineMs }))).toBeUndefined();
  });

  it('has the same value, down to the last bit, with the same flags, frozen, and copyable', () => {
    fc.assert(
      fc.property(storable, (value) => {
        const sealed = seal(value, codecs);
        const read = roundTrip(entryWith(value))?.sealed;

        expect(read).toEqual(sealed);
        expect(isDeepStrictEqual(copyOf(read?.value, codecs), value)).toBe(true);
        expect(unfrozenPartsOf(read?.value)).toHaveLength(unfrozenPartsOf(sealed.value).length);
      }),
      { numRuns: 500 },
    );
  });

  it('has the same header, whatever characters that has', () => {
    const text = fc.string({ unit: 'binary' });
    const moment = fc.double({ noNaN: true, noDefaultInfinity: true });

    fc.assert(
      fc.property(
        text,
        fc.option(text, { nil: undefined }),
        text,
        moment,
        fc.array(fc.tuple(text, text)),
        (key, subject, nonce, ms, pairs) => {
          const snapshot = { tags: pairs.map(([tag]) => tag), versions: pairs.map(([, version]) => version) };
          const entry = entryWith('\ud800', {
            key,
            subject,
            nonce,
            loadStartMs: ms,
            loadEndMs: ms,
            asOfMs: ms,
            freshUntilMs: ms,
            deadlineMs: ms,
            snapshot,
          });

          expect(roundTrip(entry)).toEqual(JSON.parse(JSON.stringify(entry), (_, each) => each as unknown));
        },
      ),
    );
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['NaN', NaN],
    ['minus zero', -0],
    ['a bigint', 10n ** 30n],
    ['the last Date there is', new Date(8.64e15)],
    ['a Buffer', Buffer.from([0, 255, 10])],
    ['an empty Buffer', Buffer.alloc(0)],
    ['a part of a larger memory', new Uint16Array([1, 2, 3]).subarray(1, 2)],
    ['every kind of bytes', [new Int8Array(1), new Uint8ClampedArray([300]), new BigInt64Array([-1n]), new Float32Array([NaN, -0]), new DataView(new ArrayBuffer(3), 1), new ArrayBuffer(2)]], // prettier-ignore
    ['a Map with an object for a key', new Map([[{ a: 1 }, new Set([undefined, null])]])],
    ['a member named then', { then: 1, at: new Date(0) }],
    ['a text that looks like our format', '["ncc1",1,'],
  ])('keeps %s', (_, value) => {
    const read = roundTrip(entryWith(value));

    expect(isDeepStrictEqual(copyOf(read?.sealed.value, codecs), value)).toBe(true);
    expect(Buffer.isBuffer(read?.sealed.value)).toBe(Buffer.isBuffer(value));
  });

  it('keeps an invalid Date', () => {
    const copy = copyOf(roundTrip(entryWith(new Date(NaN)))?.sealed.value, codecs);

    expect((copy as Date).getTime()).toBeNaN();
  });

  it('keeps a value of 10 MB', () => {
    const rows = Array.from({ length: 50_000 }, (_, id) => ({ id, name: 'x'.repeat(180) }));
    const bytes = Buffer.alloc(10_000_000, 7);

    expect(isDeepStrictEqual(roundTrip(entryWith(rows))?.sealed.value, rows)).toBe(true);
    expect(bytes.equals(roundTrip(entryWith(bytes))?.sealed.value as Buffer)).toBe(true);
  });

  it('embeds a value that is JSON as JSON', () => {
    expect(encodeEntry(entryWith({ price: 1 }), codecs)).toContain(',{"price":1}]');
  });
});

describe('a text that is not an entry of this release', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['an object', { value: 1 }],
    ['bytes', Buffer.from(encodeEntry(entryWith(1), codecs))],
    ['an empty text', ''],
    ["another program's JSON", '{"value":1}'],
    ['an older format', encodeEntry(entryWith(1), codecs).replace('ncc1', 'ncc0')],
    ['a newer format', encodeEntry(entryWith(1), codecs).replace('ncc1', 'ncc2')],
    ['a longer marker', encodeEntry(entryWith(1), codecs).replace('ncc1', 'ncc11')],
    ['nothing but a marker', '["ncc1",0]'],
    ['a field too many', encodeEntry(entryWith(1), codecs).replace(/\]$/, ',1]')],
  ])('is absent: %s', (_, text) => {
    expect(decodeEntry(text, codecs)).toBeUndefined();
  });

  it.each<[string, number, unknown]>([
    ['form', 1, 2],
    ['form', 1, '0'],
    ['key', 2, null],
    ['key', 2, 1],
    ['subject', 3, 1],
    ['subject', 3, ['digest']],
    ['nonce', 4, null],
    ...[5, 6, 7, 8, 9].flatMap((position): [string, number, unknown][] => [
      ['moment', position, null],
      ['moment', position, '1000'],
      ['moment', position, { valueOf: 1 }],
    ]),
    ...[5, 6, 7].map((position): [string, number, unknown] => ['moment that is not a limit', position, 'never']),
    ['tags', 10, null],
    ['tags', 10, { length: 2, 0: 'a', 1: 'b' }],
    ['tags', 10, ['a']],
    ['tags', 10, ['a', 1]],
    ['versions', 11, ['e.1.a', null]],
    ['versions', 11, 'ab'],
    ['versions', 11, ['e.1.a', 'e.2.b', 'e.3.c']],
  ])('is absent when its %s (field %d) is %j', (_, position, field) => {
    expect(decodeEntry(tampered(position, field), codecs)).toBeUndefined();
  });

  it.each([5, 6, 7, 8, 9])('is absent when the moment in field %d is too large for a number', (position) => {
    expect(decodeEntry(tampered(position, 'HUGE').replace('"HUGE"', '1e999'), codecs)).toBeUndefined();
  });

  it('is absent when it was cut off anywhere', () => {
    for (const value of [
      { price: 1, name: 'a' },
      { at: new Date(5), bytes: Buffer.from('a') },
    ]) {
      const text = encodeEntry(entryWith(value), codecs);
      const readable = Array.from(text, (_, length) => decodeEntry(text.slice(0, length), codecs)).filter(
        (entry) => entry !== undefined,
      );

      expect(readable).toEqual([]);
    }
  });

  it.each<[string, number, string]>([
    ['an own __proto__ in plain JSON', 0, '{"__proto__":{"admin":true}}'],
    ['a nested own __proto__ in plain JSON', 0, '[{"a":{"__proto__":1}}]'],
    ['an own __proto__ in a flattened value', 1, '[{"__proto__":1},{"admin":2},true]'],
    ['an own __proto__ without a prototype', 1, '[["null","__proto__",1],true]'],
    ['nothing flattened', 1, '[]'],
    ['an object where a flattened value belongs', 1, '{"0":1}'],
    ['a text where a flattened value belongs', 1, '"a"'],
    ['a sound flattened value under an unknown form', 2, '[{"a":1},true]'],
    ['an object that occurs twice, as none of ours does', 1, '[[1,1],[]]'],
    ['a hole alone', 1, '-2'],
    ['an index out of range', 1, '[[7]]'],
    ['a cycle', 1, '[{"self":0}]'],
    ['a cycle through a codec', 1, '[["codec Money",0]]'],
    ['a URL', 1, '[["URL","https://example.com"]]'],
    ['a regular expression', 1, '[["RegExp","(a+)+$"]]'],
    ['a boxed number', 1, '[["Object",1],1]'],
    ['an array of four billion holes', 1, '[[-7,4294967295,0,1],1]'],
    ['a name that only the prototype of all objects has', 1, '[["constructor",1],1]'],
    ['an unknown codec', 1, '[["codec Order",1],1]'],
    ['a number where the properties of an instance belong', 1, '[["codec Money",1],1]'],
    ['nothing where a stored form belongs', 1, '[["codec Box",-1]]'],
    ['bytes that are not text', 1, '[["bytes",1],{}]'],
    ['bytes of a kind that there is not', 1, '[["bytes",1],"Blob:AAAA"]'],
    ['bytes of a kind that is a global and no bytes', 1, '[["bytes",1],"Function:AAAA"]'],
    ['bytes that are not whole elements', 1, '[["bytes",1],"Float64Array:AAAA"]'],
    ['shared memory', 1, '[["bytes",1],"SharedArrayBuffer:AAAA"]'],
    ['5,000 levels of plain JSON', 0, `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['500,000 levels of plain JSON', 0, `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
    ['100,000 flattened levels', 1, `[${Array.from({ length: 100_000 }, (_, index) => `[${index + 1}]`).join(',')},1]`],
    [
      'references that unfold into 2^60 objects',
      1,
      `[${Array.from({ length: 60 }, (_, index) => `[${index + 1},${index + 1}]`).join(',')},[]]`,
    ],
  ])('is absent, and does no harm: %s', (_, form, raw) => {
    expect(decodeEntry(withRawValue(form, raw), codecs)).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('is read by the same tampering when the value is sound, so the cases above fail for their own reason', () => {
    expect(decodeEntry(withRawValue(1, '[{"a":1},true]'), codecs)?.sealed.value).toEqual({ a: true });
    expect(decodeEntry(withRawValue(1, '[["codec Money",1],{"cents":2},5]'), codecs)?.sealed.value).toEqual(
      new Money(5),
    );
    expect(decodeEntry(withRawValue(1, '[["bytes",1],"Uint8Array:AAAA"]'), codecs)?.sealed.value).toEqual(
      new Uint8Array(3),
    );
    expect(decodeEntry(withRawValue(1, '[["codec Box",1],[2],5]'), codecs)?.sealed.value).toEqual(new Box(5));
  });

  it('is absent or an entry for any text at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.anything()), (text) => {
        expect(decodeEntry(text, codecs)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('is absent or an entry for any value behind a sound header', () => {
    const name = fc.constantFrom(
      'codec Money',
      'codec Box',
      'bytes',
      'Map',
      'Set',
      'Date',
      'null',
      'BigInt',
      'Object',
      'ArrayBuffer',
      'Uint8Array',
      'DataView',
      'Float16Array',
      'RegExp',
      'URL',
    );
    const index = fc.integer({ min: -8, max: 6 });
    const flattened = fc.array(
      fc.oneof(
        fc.tuple(name, index, index).map((parts) => parts as unknown),
        fc.tuple(name, fc.string()),
        fc.array(index),
        fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor', 'length'), index, { noNullPrototype: true }),
        fc.jsonValue(),
      ),
      { maxLength: 7 },
    );

    fc.assert(
      fc.property(fc.constantFrom(0, 1), fc.oneof(flattened, fc.jsonValue()), (form, value) => {
        const entry = decodeEntry(withRawValue(form, JSON.stringify(value)), codecs);
        if (entry === undefined) return;

        // What is read can also be served, and stored again.
        expect(() => copyOf(entry.sealed.value, codecs)).not.toThrow();
        expect(encodeEntry(roundTrip(entry) ?? entryWith(0), codecs)).toBe(encodeEntry(entry, codecs));
      }),
      { numRuns: 3000 },
    );
  });

  it('is absent or an entry after any one character was changed', () => {
    const texts = [
      { price: 1 },
      { at: new Date(5), by: new Map([[1, Buffer.from('a')]]), m: new Money(1), b: new Box([1]) },
    ].map((value) => encodeEntry(entryWith(value), codecs));

    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
        (text, at, character) => {
          const position = at % text.length;

          expect(() =>
            decodeEntry(text.slice(0, position) + character + text.slice(position + 1), codecs),
          ).not.toThrow();
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a codec that fails while an entry is written', () => {
  it('is reported without the value', () => {
    let fails = false;
    const failing = resolveCodecs([{ type: Box, encode: () => { if (fails) throw new Error('4711'); return 1; }, decode: () => new Box(4711) }]); // prettier-ignore
    const sealed = seal(new Box(4711), failing);
    fails = true;
    const write = (): string => encodeEntry(entryWith(1, { sealed }), failing);

    const error = errorOf(write);

    expect(error).toBeInstanceOf(UnstorableValueError);
    expect(error.cause).toBeUndefined();
    expect(error.message).not.toContain('4711');
  });

  it('is reported when it returns what cannot be stored', () => {
    let stored: unknown = 1;
    const fickle = resolveCodecs([{ type: Box, encode: () => stored, decode: () => new Box(1) }]);
    const sealed = seal(new Box(1), fickle);
    stored = () => 1;

    expect(() => encodeEntry(entryWith(1, { sealed }), fickle)).toThrow(UnstorableValueError);
  });
});

function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }

  throw new Error('nothing was thrown');
}
