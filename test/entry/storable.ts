import fc from 'fast-check';

const name = fc
  .oneof(fc.string(), fc.constantFrom('then', 'toJSON', 'constructor', 'length'))
  .filter((each) => each !== '__proto__');

/** Everything that survives every store, nested at random. */
export const storable: fc.Arbitrary<unknown> = fc.anything({
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
});

/** The parts of a value that a caller could change: not frozen, or a Map, Set or Date that still obeys. */
export function unfrozenPartsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Object.isFrozen(value) && !obeys(value) ? [] : [value];
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [value];
  if (value instanceof Map) return [...own, ...[...value].flat().flatMap(unfrozenPartsOf)];
  if (value instanceof Set) return [...own, ...[...value].flatMap(unfrozenPartsOf)];

  return [...own, ...Object.values(value).flatMap(unfrozenPartsOf)];
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
