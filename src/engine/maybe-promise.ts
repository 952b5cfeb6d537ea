/**
 * Goes on with a value at once, or when its promise settles.
 *
 * What is kept in this process answers without a promise; going on in the same step keeps a hit cheap, and lets all
 * callers of one tick meet in one flight.
 */
export function whenReady<T, U>(value: T | Promise<T>, next: (value: T) => U | Promise<U>): U | Promise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
