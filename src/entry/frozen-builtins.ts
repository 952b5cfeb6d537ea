// `Object.freeze` does not reach what a Map, Set or Date keeps in its internal slots. These copies are still Maps, Sets
// and Dates to everyone who asks (`instanceof`, `constructor`, `types.isMap`, iteration, structuredClone, JSON), except
// that their mutators throw. `Map.prototype.set.call(copy, …)` goes round that: this stops mistakes, not malice.

class FrozenMap extends Map<unknown, unknown> {}
class FrozenSet extends Set<unknown> {}
class FrozenDate extends Date {}

const MAP_MUTATORS = ['set', 'delete', 'clear', 'getOrInsert', 'getOrInsertComputed'];
const SET_MUTATORS = ['add', 'delete', 'clear'];
const DATE_MUTATORS = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'));

closeOff(FrozenMap.prototype, Map, MAP_MUTATORS);
closeOff(FrozenSet.prototype, Set, SET_MUTATORS);
closeOff(FrozenDate.prototype, Date, DATE_MUTATORS);

const FROZEN_PROTOTYPES: readonly (object | null)[] = [FrozenMap.prototype, FrozenSet.prototype, FrozenDate.prototype];

/** Whether a prototype is one of ours: a frozen copy that a method returns is as good as an ordinary value. */
export function isFrozenCopyPrototype(prototype: object | null): boolean {
  return FROZEN_PROTOTYPES.includes(prototype);
}

export function frozenMap(entries: Iterable<readonly [unknown, unknown]>): ReadonlyMap<unknown, unknown> {
  const copy = new FrozenMap();
  for (const [key, value] of entries) Map.prototype.set.call(copy, key, value);

  return Object.freeze(copy);
}

export function frozenSet(members: Iterable<unknown>): ReadonlySet<unknown> {
  const copy = new FrozenSet();
  for (const member of members) Set.prototype.add.call(copy, member);

  return Object.freeze(copy);
}

export function frozenDate(ms: number): Date {
  return Object.freeze(new FrozenDate(ms));
}

function closeOff(
  prototype: object,
  builtIn: { readonly name: string; readonly prototype: object },
  mutators: readonly string[],
): void {
  const refuse = (): never => {
    throw new TypeError(
      `This ${builtIn.name} comes from the cache and is shared by all callers, so it cannot be changed. ` +
        `Copy it first (new ${builtIn.name}(it)), or declare values: 'copied'.`,
    );
  };
  for (const mutator of mutators) {
    if (mutator in builtIn.prototype) Object.defineProperty(prototype, mutator, { value: refuse });
  }
  Object.defineProperty(prototype, 'constructor', { value: builtIn });
  Object.freeze(prototype);
}
