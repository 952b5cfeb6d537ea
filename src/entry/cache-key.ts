import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { bytesKindOf, bytesToText, type Bytes } from './bytes.js';
import { UnkeyableArgumentError } from './entry.errors.js';
import { isFrozenCopyPrototype } from './frozen-builtins.js';
import { ValueWalk, isOwnPrototype, isPlainPrototype, kindOf } from './value-walk.js';

// Invariant: every part says its type and where it ends (a length for text and bytes, a closing character for the
// rest), so that parts can stand side by side and no text inside a value can look like the edge of one.

/** Store keys up to this length are left as they are: within the limits of the stores we know of (memcached: 250). */
const MAX_STORE_KEY_LENGTH = 200;
const READABLE_PREFIX_LENGTH = 100;
/** Printable ASCII without space, and without `~`, which only digested keys contain. */
const PLAIN = /^[\x21-\x7d]*$/;

/**
 * Canonical text of one argument: two arguments have the same text only when they are the same value.
 *
 * Told apart: types (`1`, `'1'`, `1n`), null and undefined, `0` and `-0`, `{ a: undefined }` and `{}`, the kinds of
 * byte containers. Not told apart: the order of object keys, Map entries and Set members; a hole in an array and
 * undefined; an object with the prototype null and an object literal; equal values of different realms.
 *
 * @throws {UnkeyableArgumentError} for functions, symbols, promises, class instances, cycles, and what holds one
 */
export function encodeKeyPart(value: unknown, place?: string): string {
  return scalarPart(value) ?? new KeyWalk(place, undefined).start(value as object);
}

/**
 * Canonical text of a call's arguments.
 *
 * `f('a')` and `f('a', undefined)` have different texts: the method can tell them apart (`arguments.length`, rest
 * parameters), and taking one for the other could serve a wrong value, while keeping them apart costs one more load.
 *
 * @param place the declaration, for the error: `@Cacheable on PricingService.priceOf`
 * @throws {UnkeyableArgumentError} naming the parameter, for what {@link encodeKeyPart} refuses
 */
export function encodeKeyArguments(args: readonly unknown[], place: string): string {
  let text = '';
  for (let index = 0; index < args.length; index++) {
    const argument = args[index];
    text += scalarPart(argument) ?? new KeyWalk(place, index + 1).start(argument as object);
  }

  return text;
}

/**
 * The key under which a store holds an entry.
 *
 * Stores limit the length and the characters of keys, so a long or unusual key becomes a readable beginning and a
 * SHA-256. The entry carries the full key, so that a collision would be noticed.
 */
export function storeKey(fullKey: string): string {
  if (fullKey.length <= MAX_STORE_KEY_LENGTH && PLAIN.test(fullKey)) return fullKey;

  const readable = fullKey.slice(0, READABLE_PREFIX_LENGTH).replace(/[^\x21-\x7d]/g, '_');
  // UTF-16, not UTF-8: encoding a lone surrogate as UTF-8 turns every one of them into the same U+FFFD.
  const digest = createHash('sha256').update(fullKey, 'utf16le').digest('hex');

  return `${readable}~${digest}`;
}

/** The text of anything that is not an object; undefined for what needs a walk, or must be refused. */
function scalarPart(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return textPart(value);
    case 'number':
      return Object.is(value, -0) ? 'n-0;' : `n${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'bigint':
      return `i${value};`;
    default:
      return value === null ? 'z' : undefined;
  }
}

function textPart(text: string): string {
  return `s${text.length}:${text}`;
}

class KeyWalk extends ValueWalk {
  constructor(
    private readonly place: string | undefined,
    private readonly position: number | undefined,
  ) {
    super();
  }

  start(value: object): string {
    try {
      return this.objectPart(value);
    } catch (error) {
      if (error instanceof UnkeyableArgumentError) throw error;

      return this.refuse('something that threw when it was read', error);
    }
  }

  protected override fault(refused: { kind: string; path: string; cause?: unknown }): Error {
    return new UnkeyableArgumentError({ ...refused, place: this.place, position: this.position });
  }

  private part(value: unknown): string {
    return scalarPart(value) ?? this.objectPart(value as object);
  }

  private objectPart(value: object): string {
    if (typeof value !== 'object') this.refuse(kindOf(value));
    const prototype = Object.getPrototypeOf(value) as object | null;
    this.enter(value);
    const text = isPlainPrototype(prototype) ? this.plainPart(value) : this.builtInPart(value, prototype);
    this.leave();

    return text;
  }

  private plainPart(value: object): string {
    if (
      Object.getOwnPropertySymbols(value).some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol))
    ) {
      this.refuse('an object with a symbol for a key');
    }
    const properties = value as Record<string, unknown>;
    let text = '{';
    for (const name of Object.keys(properties).sort()) {
      this.at(name);
      text += textPart(name) + this.part(properties[name]);
    }

    return `${text}}`;
  }

  private builtInPart(value: object, prototype: object | null): string {
    if (Array.isArray(value) && isOwnPrototype(prototype)) return this.arrayPart(value);

    const kind = bytesKindOf(value);
    if (kind !== undefined) {
      const base64 = bytesToText(value as Bytes);

      return `b${kind}:${base64.length}:${base64}`;
    }
    if (isOwnPrototype(prototype) || isFrozenCopyPrototype(prototype)) {
      if (types.isDate(value)) return this.datePart(value);
      if (types.isMap(value)) return this.mapPart(value);
      if (types.isSet(value)) return this.setPart(value);
    }

    return this.refuse(kindOf(value));
  }

  private arrayPart(value: readonly unknown[]): string {
    this.refuseHoles(value);
    // Names come after positions, so the last one tells.
    const last = Object.keys(value).at(-1);
    if (last !== undefined && !isPositionIn(value, last)) this.refuseNamed(value);

    let text = '[';
    for (let index = 0; index < value.length; index++) {
      this.at(index);
      text += this.part(value[index]);
    }

    return `${text}]`;
  }

  private datePart(value: Date): string {
    if (Object.keys(value).length > 0) this.refuseNamed(value);

    return `d${Date.prototype.getTime.call(value)};`;
  }

  private mapPart(value: ReadonlyMap<unknown, unknown>): string {
    if (Object.keys(value).length > 0) this.refuseNamed(value);
    const parts: string[] = [];
    for (const [key, member] of Map.prototype.entries.call(value)) {
      this.at(parts.length);
      parts.push(this.part(key) + this.part(member));
    }

    return `m${parts.sort().join('')};`;
  }

  private setPart(value: ReadonlySet<unknown>): string {
    if (Object.keys(value).length > 0) this.refuseNamed(value);
    const parts: string[] = [];
    for (const member of Set.prototype.values.call(value)) {
      this.at(parts.length);
      parts.push(this.part(member));
    }

    return `e${parts.sort().join('')};`;
  }

  /** What would be left out of the key could tell two arguments apart, as `index` does for two matches of a RegExp. */
  private refuseNamed(value: object): never {
    return this.refuse(`${kindOf(value)} with properties of its own`);
  }
}

function isPositionIn(array: readonly unknown[], name: string): boolean {
  const position = Number(name);

  return Number.isInteger(position) && position >= 0 && position < array.length && String(position) === name;
}
