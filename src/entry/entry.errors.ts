import { ConsistentCacheError } from '../errors/consistent-cache-error.js';

/** What was found, and where inside the value; never the value itself. */
export interface Refused {
  /** What stands there, with its article: `a function`, `an instance of Order`. */
  readonly kind: string;
  /** Where it stands, such as `.lines[0].price`; empty for the value itself. */
  readonly path: string;
  /** The declaration concerned, such as `@Cacheable on PricingService.priceOf`. */
  readonly place?: string | undefined;
  /** What a getter or a codec threw. Its text is the application's own, so it stays out of the message. */
  readonly cause?: unknown;
}

/** An argument that cannot be part of a cache key. */
export class UnkeyableArgumentError extends ConsistentCacheError {
  readonly kind: string;
  readonly path: string;
  /** Which parameter, counted from 1; undefined for the result of a `key` function. */
  readonly position: number | undefined;

  constructor({ kind, path, place, position, cause }: Refused & { readonly position?: number | undefined }) {
    super({
      code: 'KEY_ARGUMENT_UNKEYABLE',
      what: `${position === undefined ? 'The value' : `Parameter ${position}`} cannot be part of a cache key: it ${found(kind, path)}`,
      where: place,
      fix: 'Say what identifies the entry with a `key` function that returns plain data, such as `key: (order) => order.id`',
      cause,
    });
    this.kind = kind;
    this.path = path;
    this.position = position;
  }
}

/** A result that cannot be kept in a cache without losing something. */
export class UnstorableValueError extends ConsistentCacheError {
  readonly kind: string;
  readonly path: string;

  constructor({ kind, path, place, cause }: Refused) {
    super({
      code: 'VALUE_UNSTORABLE',
      what: `The result cannot be stored: it ${found(kind, path)}`,
      where: place,
      fix: 'Return plain data, or name the class in `codecs`, with `encode` and `decode` when its own properties are not all of it',
      cause,
    });
    this.kind = kind;
    this.path = path;
  }
}

/** A tag value that is not a string, a finite number or a bigint. */
export class InvalidTagError extends ConsistentCacheError {
  constructor(family: string, kind: string, place: string) {
    super({
      code: 'TAG_INVALID',
      what: `A value of the tag family '${family}' is ${kind}, and nothing could ever evict it`,
      where: place,
      fix: `Let \`tags.${family}\` return a string, a finite number or a bigint, or an array of them`,
    });
  }
}

/** A codec that could not revive what it stored. */
export class InvalidCodecError extends ConsistentCacheError {
  constructor({
    what,
    fix,
    place,
  }: {
    readonly what: string;
    readonly fix: string;
    readonly place?: string | undefined;
  }) {
    super({ code: 'POLICY_INVALID', what, where: place, fix });
  }
}

function found(kind: string, path: string): string {
  return path === '' ? `is ${kind}` : `holds ${kind} at ${path}`;
}
