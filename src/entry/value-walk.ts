import { types } from 'node:util';

/** More objects than any result meant for a cache; far fewer than shared references could unfold into. */
export const MAX_OBJECTS = 1_000_000;

/** Deeper than any result meant for people, shallow enough for the call stack of whoever reads it. */
export const MAX_DEPTH = 500;

/**
 * The way from a value's root to the part being looked at.
 *
 * Cycles are found by comparing with the ancestors alone: values are a few levels deep, so that is cheaper than
 * remembering every object, and an object that merely occurs twice is no cycle.
 */
export abstract class ValueWalk {
  private readonly ancestors: object[] = [];
  private readonly steps: (string | number | undefined)[] = [];

  constructor(private objectsLeft = MAX_OBJECTS) {}

  /** The error to throw, in the words of whoever walks. */
  protected abstract fault(refused: { kind: string; path: string; cause?: unknown }): Error;

  /** Goes into an object; {@link leave} comes back out. */
  protected enter(value: object): void {
    const { ancestors } = this;
    const depth = ancestors.length;
    if (this.objectsLeft-- === 0) this.refuse('more objects than a cache should hold');
    if (depth === MAX_DEPTH) this.refuse(`something nested more than ${MAX_DEPTH} levels deep`);
    for (let level = depth - 1; level >= 0; level--) {
      if (ancestors[level] === value) this.refuse('a reference back to an object that contains it');
    }
    this.steps[depth] = undefined;
    ancestors.push(value);
  }

  protected leave(): void {
    this.ancestors.pop();
  }

  /** Says which member of the object entered last is looked at: a property's name, or a position. */
  protected at(step: string | number): void {
    this.steps[this.ancestors.length - 1] = step;
  }

  protected refuse(kind: string, cause?: unknown): never {
    throw this.fault({ kind, path: this.path(), cause });
  }

  /** A short program can make an array of four billion holes; walking through it would take the process down. */
  protected refuseHoles(array: readonly unknown[]): void {
    if (array.length > 10_000 && Object.keys(array).length < array.length / 2)
      this.refuse('an array that is mostly holes');
  }

  private path(): string {
    return this.ancestors.map((ancestor, level) => formatStep(ancestor, this.steps[level])).join('');
  }
}

/** Whether it is an object literal's equal, of this realm or another: Jest and `node:vm` bring their own `Object`. */
export function isPlainPrototype(prototype: object | null): boolean {
  if (prototype === Object.prototype || prototype === null) return true;
  if (Object.getPrototypeOf(prototype) !== null) return false;

  // The root of another realm, or an empty stand-in for null; a class that extends null is neither.
  return Object.hasOwn(prototype, 'isPrototypeOf') || Reflect.ownKeys(prototype).length === 0;
}

/** Whether a prototype is a built-in's own (one step above the root), and not a subclass's. */
export function isOwnPrototype(prototype: object | null, stepsToRoot = 1): boolean {
  let above = prototype;
  for (let step = 0; step < stepsToRoot && above !== null; step++)
    above = Object.getPrototypeOf(above) as object | null;

  return above !== null && Object.getPrototypeOf(above) === null;
}

/** Names what a value is without showing it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  if (types.isPromise(value)) return 'a promise';
  const name = classNameOf(value);

  return name === undefined ? 'an object without a named class' : `an instance of ${name}`;
}

function classNameOf(value: object): string | undefined {
  try {
    const prototype = Object.getPrototypeOf(value) as { constructor?: unknown } | null;
    const constructor = prototype?.constructor;

    return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : undefined;
  } catch {
    // A revoked proxy answers no question; it has no name either.
    return undefined;
  }
}

function formatStep(container: object, step: string | number | undefined): string {
  if (step === undefined) return '';
  if (typeof step === 'string')
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  if (types.isMap(container)) return `<entry ${step}>`;
  if (types.isSet(container)) return `<member ${step}>`;

  return `[${step}]`;
}
