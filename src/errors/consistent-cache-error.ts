import type { ErrorCode } from './error-codes.js';

/** What an error of this library tells its reader. None of the parts ever contains a cached value. */
export interface Fault {
  readonly code: ErrorCode;
  /** What happened, as a sentence without its full stop. */
  readonly what: string;
  /** The declaration or option concerned, such as `@Cacheable on PricingService.priceOf`. */
  readonly where?: string | undefined;
  /** What to change, as a sentence without its full stop. */
  readonly fix: string;
  readonly cause?: unknown;
}

/**
 * The base of every error that this library throws.
 *
 * The message reads "what happened (where). How to fix it."; each part is a field too, and `code` is one of a closed
 * list, so that callers can decide without reading text.
 *
 * @see docs/reference/errors.md
 */
export abstract class ConsistentCacheError extends Error {
  readonly code: ErrorCode;
  /** Private, so that an uncaught error is not printed twice: once as its message, once as its fields. */
  readonly #fault: Fault;

  constructor(fault: Fault) {
    const { code, what, where, fix, cause } = fault;
    super(
      `[${code}] ${what}${where === undefined ? '' : ` (${where})`}. ${fix}.`,
      cause === undefined ? {} : { cause },
    );
    this.name = new.target.name;
    this.code = code;
    this.#fault = fault;
  }

  /** What happened. */
  get what(): string {
    return this.#fault.what;
  }

  /** The declaration or option concerned. */
  get where(): string | undefined {
    return this.#fault.where;
  }

  /** How to fix it. */
  get fix(): string {
    return this.#fault.fix;
  }
}
