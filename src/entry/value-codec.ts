import { InvalidCodecError } from './entry.errors.js';

/**
 * How an instance of a class is stored and revived when its own enumerable properties are not all of it, for example
 * because it has `#private` fields or extends a built-in.
 *
 * Invariant: `decode(encode(x))` is as good as `x`, and is an instance of exactly `type`. Callers never share an
 * instance made by `decode`, since only the class knows how it could be changed.
 */
export interface InstanceCodec<T extends object = object, S = unknown> {
  readonly type: abstract new (...args: never[]) => T;
  /**
   * What the stored form is called. Give one when class names are not stable, as in minified code.
   * @default the class's own name
   */
  readonly name?: string;
  /** Returns plain data. It is copied, so it may be part of the instance. */
  encode(instance: T): S;
  /** Receives a copy of its own, so it may keep it. */
  decode(stored: S): T;
}

/**
 * How instances of a class are kept.
 *
 * A bare class is copied by its own enumerable properties and revived without running its constructor, so decorators
 * of class-transformer and the like still apply to what a hit returns. A subclass is another class: it needs its own.
 */
export type ValueCodec = (new (...args: never[]) => object) | InstanceCodec;

interface CodecIdentity {
  readonly name: string;
  /** Instances are recognised by exactly this prototype. */
  readonly prototype: object;
}

/** A codec as the walks over a value use it. */
export type ResolvedCodec =
  | (CodecIdentity & { readonly form: 'properties' })
  | (CodecIdentity & {
      readonly form: 'encoded';
      readonly encode: (instance: object) => unknown;
      readonly decode: (stored: unknown) => object;
    });

/** Kept, with their kind, by every store; a codec could only make that worse. */
const KEPT_ANYWAY: readonly unknown[] = [Object, Array, Map, Set, Date, ArrayBuffer, DataView, Buffer];

/**
 * Reads declared codecs once, so that a read only compares prototypes.
 *
 * @throws {InvalidCodecError} when a class has no name, is named twice, is kept without a codec anyway, or extends a
 * built-in whose content is not in its properties
 */
export function resolveCodecs(codecs: readonly ValueCodec[], place?: string): readonly ResolvedCodec[] {
  if (!Array.isArray(codecs)) {
    throw new InvalidCodecError({ what: 'codecs is not a list', fix: 'Write codecs: [Money]', place });
  }
  const resolved = Array.from(codecs as readonly ValueCodec[], (codec) => resolveCodec(codec, place));
  for (const [index, { name, prototype }] of resolved.entries()) {
    const twin = resolved.findIndex((other) => other.name === name || other.prototype === prototype);
    if (twin !== index) {
      throw new InvalidCodecError({
        what: `Two codecs claim '${name}', so a stored instance could be revived as the wrong class`,
        fix: 'Name each class once, and give the codec of one of two classes with the same name a `name` of its own',
        place,
      });
    }
  }

  return resolved;
}

/** The codec of exactly this class, if it has one. */
export function codecOf(prototype: object | null, codecs: readonly ResolvedCodec[]): ResolvedCodec | undefined {
  for (const codec of codecs) {
    if (codec.prototype === prototype) return codec;
  }

  return undefined;
}

function resolveCodec(codec: ValueCodec, place: string | undefined): ResolvedCodec {
  if (!isCodec(codec)) {
    throw new InvalidCodecError({
      what: 'A codec is neither a class nor { type, encode, decode }',
      fix: 'Write codecs: [Money], or codecs: [{ type: Money, encode: (money) => …, decode: (stored) => … }]',
      place,
    });
  }
  const type = typeof codec === 'function' ? codec : codec.type;
  const name = typeof codec === 'function' ? codec.name : (codec.name ?? type.name);
  const prototype = type.prototype as object;
  if (name === '') {
    throw new InvalidCodecError({
      what: 'A codec is for a class without a name, so its stored form could not be told from others',
      fix: 'Give the class a name, or the codec a `name`',
      place,
    });
  }
  if (KEPT_ANYWAY.includes(type) || isTypedArrayClass(type)) {
    throw new InvalidCodecError({
      what: `A codec is for '${name}', which is kept as it is without one`,
      fix: 'Remove the codec',
      place,
    });
  }
  if (typeof codec !== 'function') {
    return { form: 'encoded', name, prototype, encode: codec.encode.bind(codec), decode: codec.decode.bind(codec) };
  }
  const builtIn = builtInBaseOf(prototype);
  if (builtIn !== undefined) {
    throw new InvalidCodecError({
      what: `The class '${name}' is built on ${builtIn}, whose content is not in its properties`,
      fix: `Declare it as { type: ${name}, encode, decode }`,
      place,
    });
  }

  return { form: 'properties', name, prototype };
}

function isCodec(codec: unknown): boolean {
  if (isClass(codec)) return true;
  if (typeof codec !== 'object' || codec === null) return false;
  const { type, name, encode, decode } = codec as Partial<Record<keyof InstanceCodec, unknown>>;
  const isNamed = name === undefined || typeof name === 'string';

  return isClass(type) && isNamed && typeof encode === 'function' && typeof decode === 'function';
}

/** An arrow function and a method have no prototype that instances could be recognised by. */
function isClass(type: unknown): boolean {
  return typeof type === 'function' && typeof type.prototype === 'object' && type.prototype !== null;
}

function isTypedArrayClass(type: unknown): boolean {
  // Not by their common base: Jest mixes the typed arrays of two realms.
  return typeof type === 'function' && Object.hasOwn(type, 'BYTES_PER_ELEMENT');
}

/** The built-in class that a prototype descends from, other than Object. */
function builtInBaseOf(prototype: object): string | undefined {
  for (let each: object | null = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    const { constructor } = each as { constructor: unknown };
    if (typeof constructor !== 'function' || Object.getPrototypeOf(each) === null) continue;
    if (Function.prototype.toString.call(constructor).endsWith('{ [native code] }')) return constructor.name;
  }

  return undefined;
}
