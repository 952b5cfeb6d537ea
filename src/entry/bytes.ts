import { types } from 'node:util';
import { isOwnPrototype } from './value-walk.js';

/** What holds raw bytes: typed arrays, `Buffer`, `ArrayBuffer` and `DataView`. None of them can be frozen. */
export type Bytes = ArrayBuffer | ArrayBufferView;

const KINDS = [
  ...['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'],
  ...['Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView'],
];

type ViewConstructor = new (memory: ArrayBuffer) => ArrayBufferView;

/**
 * Looked up by name, because newer runtimes have kinds that this library's types do not know; from a closed list,
 * because the name may come out of a store.
 */
const CONSTRUCTORS = new Map(KINDS.map((kind) => [kind, Reflect.get(globalThis, kind) as ViewConstructor | undefined]));

/**
 * The kind of a byte container, or undefined for anything else.
 *
 * A subclass of one and a `SharedArrayBuffer` are something else: what they add could not be kept.
 */
export function bytesKindOf(value: object): string | undefined {
  if (types.isTypedArray(value)) {
    if (Buffer.isBuffer(value)) return Object.getPrototypeOf(value) === Buffer.prototype ? 'Buffer' : undefined;

    return isOwnPrototype(Object.getPrototypeOf(value) as object, 2) ? value[Symbol.toStringTag] : undefined;
  }
  if (types.isArrayBuffer(value))
    return isOwnPrototype(Object.getPrototypeOf(value) as object) ? 'ArrayBuffer' : undefined;
  if (types.isDataView(value)) return isOwnPrototype(Object.getPrototypeOf(value) as object) ? 'DataView' : undefined;

  return undefined;
}

/** A copy of the same kind that shares no memory with the original, nor with Node's buffer pool. */
export function copyBytes(bytes: Bytes, kind: string): Bytes {
  return bytesFrom(kind, viewOf(bytes));
}

/** The bytes as base64. */
export function bytesToText(bytes: Bytes): string {
  return viewOf(bytes).toString('base64');
}

/** @throws {TypeError} for an unknown kind, {RangeError} when the bytes are not whole elements of that kind */
export function bytesFromText(kind: string, text: string): Bytes {
  return bytesFrom(kind, Buffer.from(text, 'base64'));
}

function bytesFrom(kind: string, source: Buffer): Bytes {
  const memory = new ArrayBuffer(source.byteLength);
  new Uint8Array(memory).set(source);
  if (kind === 'ArrayBuffer') return memory;
  if (kind === 'Buffer') return Buffer.from(memory);

  const constructor = CONSTRUCTORS.get(kind);
  if (constructor === undefined) throw new TypeError('not a kind of bytes');

  return new constructor(memory);
}

function viewOf(bytes: Bytes): Buffer {
  return ArrayBuffer.isView(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(bytes);
}
