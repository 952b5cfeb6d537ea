import fc from 'fast-check';

const name = fc
  .oneof(fc.string(), fc.constantFrom('then', 'toJSON', 'constructor', 'length'))
  .filter((each) => each !== '__proto__');

/**
 * Everything that survives every store, nested at random. Without invalid Dates: Node's `isDeepStrictEqual` calls two of
 * them different, so they have tests of their own.
 */
export const storable: fc.Arbitrary<unknown> = fc
  .anything({
    key: name,
    maxDepth: 3,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    stringUnit: 'binary',
  })
  .filter((value) => !partsOf(value).some((part) => part instanceof Date && Number.isNaN(part.getTime())));

/** The parts of a value that a caller could change: not frozen, or a Map, Set or Date that still obeys. */
export function unfrozenPartsOf(value: unknown): object[] {
  return partsOf(value).filter((part) => isBytes(part) || !Object.isFrozen(part) || obeys(part));
}

/** Every object in a value, itself included. */
function partsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isBytes(value)) return [value];
  if (value instanceof Map) return [value, ...[...value].flat().flatMap(partsOf)];
  if (value instanceof Set) return [value, ...[...value].flatMap(partsOf)];

  return [value, ...Object.values(value).flatMap(partsOf)];
}

export function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Whether a mutator works, asked in a way that changes nothing. */
function obeys(value: object): boolean {
  try {
    if (value instanceof Map) return !value.delete({});
    if (value instanceof Set) return !value.delete({});
    if (value instanceof Date) return Object.is(value.setTime(value.getTime()), value.getTime());
  } catch {
    return false;
  }

  return false;
}
