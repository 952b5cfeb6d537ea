import { types } from 'node:util';
import { bytesKindOf, copyBytes, type Bytes } from './bytes.js';
import { UnstorableValueError } from './entry.errors.js';
import { frozenDate, frozenMap, frozenSet, isFrozenCopyPrototype } from './frozen-builtins.js';
import { plainObjectOf } from './plain-object.js';
import { codecOf, type ResolvedCodec } from './value-codec.js';
import { MAX_DEPTH, MAX_OBJECTS, ValueWalk, isOwnPrototype, isPlainPrototype, kindOf } from './value-walk.js';

/**
 * A result as the cache keeps it: a deep copy that nobody else holds.
 *
 * Invariant: everything in it that can be frozen is frozen, and it is a tree: no object occurs in it twice.
 */
export interface SealedValue {
  readonly value: unknown;
  /** Whether `JSON.stringify` and `JSON.parse` give back exactly this value. */
  readonly json: boolean;
  /**
   * Whether callers may share `value` itself. False when it holds something that cannot be frozen (bytes, what an
   * `encode`/`decode` codec made): each caller then gets its {@link copyOf}.
   */
  readonly shareable: boolean;
}

/**
 * Copies a result deeply and freezes the copy.
 *
 * What is not data is refused rather than dropped. Three things that are not content are not kept, as in JSON: that two
 * references lead to one object, properties that are not enumerable, and named properties of an array, Map, Set or Date.
 *
 * @param place the declaration, for the error: `@Cacheable on PricingService.priceOf`
 * @throws {UnstorableValueError} for functions, symbols, promises, instances of classes without a codec, cycles,
 * properties named `__proto__`, getters that throw, and what holds one
 */
export function seal(value: unknown, codecs: readonly ResolvedCodec[], place?: string): SealedValue {
  if (isReference(value)) return new Sealing(codecs, place).start(value);

  return { value, json: isJsonScalar(value), shareable: true };
}

/**
 * {@link seal} for what a store's text was decoded to. Such text can make one object occur many times, which no entry
 * of ours does; `maxObjects` keeps it from unfolding.
 */
export function sealDecoded(value: unknown, codecs: readonly ResolvedCodec[], maxObjects: number): SealedValue {
  if (isReference(value)) return new Sealing(codecs, undefined, Math.min(maxObjects, MAX_OBJECTS)).start(value);

  return { value, json: isJsonScalar(value), shareable: true };
}

/**
 * Freezes what `JSON.parse` has just made. Nobody else holds it, so there is nothing to copy.
 *
 * @returns undefined for what {@link seal} would refuse, or would not call `json`
 */
export function sealParsed(value: unknown): SealedValue | undefined {
  return freezeParsed(value, MAX_DEPTH) ? { value, json: true, shareable: true } : undefined;
}

/** A deep copy of a sealed value that its receiver may change as it likes. */
export function copyOf(value: unknown, codecs: readonly ResolvedCodec[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype) return copyMembers({ ...value }, codecs);
  if (prototype === Array.prototype) return copyOfArray(value as readonly unknown[], codecs);
  if (prototype === null) return copyMembers(Object.assign(Object.create(null) as object, value), codecs);

  // Before the built-ins: a class with a codec may extend one.
  const codec = codecOf(prototype, codecs);
  if (codec?.form === 'properties')
    return copyMembers(Object.setPrototypeOf({ ...value }, prototype) as object, codecs);
  if (codec?.form === 'encoded') return new Sealing(codecs, undefined).start(value).value;

  if (types.isDate(value)) return new Date(value.getTime());
  if (types.isSet(value)) return new Set(Array.from(value, (member) => copyOf(member, codecs)));
  if (types.isMap(value)) {
    return new Map(Array.from(value, ([key, member]) => [copyOf(key, codecs), copyOf(member, codecs)]));
  }

  return copyBytes(value as Bytes, bytesKindOf(value) ?? '');
}

class Sealing extends ValueWalk {
  private json = true;
  private shareable = true;

  constructor(
    private readonly codecs: readonly ResolvedCodec[],
    private readonly place: string | undefined,
    maxObjects?: number,
  ) {
    super(maxObjects);
  }

  start(root: object): SealedValue {
    let value: unknown;
    try {
      value = this.sealObject(root);
    } catch (error) {
      if (error instanceof UnstorableValueError) throw error;
      this.refuse('something that threw when it was read', error);
    }

    return { value, json: this.json, shareable: this.shareable };
  }

  protected override fault(refused: { kind: string; path: string; cause?: unknown }): Error {
    return new UnstorableValueError({ ...refused, place: this.place });
  }

  private sealMember(member: unknown): unknown {
    if (isReference(member)) return this.sealObject(member);
    if (!isJsonScalar(member)) this.json = false;

    return member;
  }

  private sealObject(source: object): object {
    if (typeof source !== 'object') this.refuse(kindOf(source));
    const prototype = Object.getPrototypeOf(source) as object | null;
    this.enter(source);
    const copy =
      Array.isArray(source) && (prototype === Array.prototype || isOwnPrototype(prototype))
        ? this.sealArray(source)
        : this.sealOther(source, prototype);
    this.leave();

    return copy;
  }

  private sealOther(source: object, prototype: object | null): object {
    if (isPlainPrototype(prototype)) {
      if (prototype !== null) return this.sealMembers(source, plainObjectOf);
      this.json = false;

      return this.sealMembers(source, () => Object.create(null) as Record<string, unknown>);
    }

    const codec = codecOf(prototype, this.codecs);
    if (codec !== undefined) {
      this.json = false;
      if (codec.form === 'encoded') return this.recode(source, codec);

      return this.sealMembers(source, plainObjectOf, prototype);
    }

    return this.sealBuiltIn(source, prototype);
  }

  private sealMembers(
    source: object,
    emptyOf: (count: number) => Record<string, unknown>,
    prototype?: object | null,
  ): object {
    // What is not enumerable is no content; a symbol that is would be lost in any store.
    if (Object.getOwnPropertySymbols(source).some((symbol) => isEnumerable(source, symbol))) {
      this.refuse('an object with a symbol for a key');
    }
    const names = Object.keys(source);
    const copy = emptyOf(names.length);
    for (const name of names) {
      if (name === '__proto__') this.refuse('an object with a property named __proto__');
      const member = (source as Record<string, unknown>)[name];
      if (isReference(member)) {
        this.at(name);
        copy[name] = this.sealObject(member);
      } else {
        if (!isJsonScalar(member)) this.json = false;
        copy[name] = member;
      }
    }

    // Only now: a setter of the class must not run for what is there already.
    if (prototype !== undefined) Object.setPrototypeOf(copy, prototype);

    return Object.freeze(copy);
  }

  private sealArray(source: readonly unknown[]): object {
    this.refuseHoles(source);
    const copy = [...source];
    for (let index = 0; index < copy.length; index++) {
      const member = copy[index];
      if (isReference(member)) {
        this.at(index);
        copy[index] = this.sealObject(member);
      } else if (!isJsonScalar(member)) {
        this.json = false;
        keepHole(source, copy, index);
      }
    }

    return Object.freeze(copy);
  }

  private sealBuiltIn(source: object, prototype: object | null): object {
    this.json = false;
    const kind = bytesKindOf(source);
    if (kind !== undefined) {
      this.shareable = false;

      return copyBytes(source as Bytes, kind);
    }
    if (isOwnPrototype(prototype) || isFrozenCopyPrototype(prototype)) {
      if (types.isDate(source)) return frozenDate(Date.prototype.getTime.call(source));
      if (types.isMap(source)) return this.sealMap(source);
      if (types.isSet(source)) return this.sealSet(source);
    }

    return this.refuse(kindOf(source));
  }

  private sealMap(source: ReadonlyMap<unknown, unknown>): object {
    const entries = Array.from(Map.prototype.entries.call(source), ([key, member], index) => {
      this.at(index);

      return [this.sealMember(key), this.sealMember(member)] as const;
    });

    return frozenMap(entries);
  }

  private sealSet(source: ReadonlySet<unknown>): object {
    const members = Array.from(Set.prototype.values.call(source), (member, index) => {
      this.at(index);

      return this.sealMember(member);
    });

    return frozenSet(members);
  }

  /** Through the codec and back at once, so that an instance that cannot be revived is refused before it is stored. */
  private recode(instance: object, codec: ResolvedCodec & { form: 'encoded' }): object {
    this.shareable = false;
    const stored = this.sealMember(codec.encode(instance));
    const revived = codec.decode(copyOf(stored, this.codecs));
    if (Object.getPrototypeOf(revived) !== codec.prototype)
      this.refuse(`${kindOf(instance)} that its codec revives as another class`);

    return revived;
  }
}

function isEnumerable(owner: object, name: symbol): boolean {
  return Object.prototype.propertyIsEnumerable.call(owner, name);
}

/** Everything that is not a scalar, and so is either walked or refused. */
function isReference(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol';
}

function isJsonScalar(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'undefined':
    case 'bigint':
      return false;
    default:
      return true;
  }
}

/** A spread fills holes with undefined. */
function keepHole(source: readonly unknown[], copy: unknown[], index: number): void {
  if (copy[index] === undefined && !Object.hasOwn(source, index)) Reflect.deleteProperty(copy, index);
}

function copyMembers(copy: object, codecs: readonly ResolvedCodec[]): object {
  const members = copy as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const member = members[name];
    if (typeof member === 'object' && member !== null) members[name] = copyOf(member, codecs);
  }

  return copy;
}

function copyOfArray(array: readonly unknown[], codecs: readonly ResolvedCodec[]): unknown[] {
  const copy = [...array];
  for (let index = 0; index < copy.length; index++) {
    const member = copy[index];
    if (typeof member === 'object' && member !== null) copy[index] = copyOf(member, codecs);
    else if (member === undefined) keepHole(array, copy, index);
  }

  return copy;
}

function freezeParsed(value: unknown, levelsLeft: number): boolean {
  if (typeof value !== 'object' || value === null) return isJsonScalar(value);
  if (levelsLeft === 0) return false;
  if (Array.isArray(value)) {
    for (const member of value) if (!freezeParsed(member, levelsLeft - 1)) return false;
  } else {
    const members = value as Record<string, unknown>;
    for (const name of Object.keys(members)) {
      if (name === '__proto__' || !freezeParsed(members[name], levelsLeft - 1)) return false;
    }
  }
  Object.freeze(value);

  return true;
}
