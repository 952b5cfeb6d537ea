import type { CallScopes } from './call-scope.js';

/** Something of the application that tells who is calling, beside {@link CallerContext}. */
export interface WatchedIdentity {
  /** The object that is asked: an AsyncLocalStorage, or the ClsService of nestjs-cls. */
  readonly of: object;
  /** Which of its methods tell it. @default ['getStore'] */
  readonly methods?: readonly string[];
  /** Only questions for one of these (the first argument) count, such as `['user']` for `cls.get('user')`. @default any */
  readonly keys?: readonly unknown[];
}

/**
 * Marks the load that asks: its result may be the caller's own, so it is not stored for anybody else.
 *
 * The module's own questions do not count; it asks to find out whose entry to look for.
 *
 * @returns what ends it
 */
export function watchIdentity(scopes: CallScopes, { of, methods = ['getStore'], keys }: WatchedIdentity): () => void {
  const ends = methods.map((name) => {
    const original: unknown = Reflect.get(of, name);
    if (typeof original !== 'function') throw new TypeError(`identity.watched: there is no method '${name}' to watch`);
    const own = Object.getOwnPropertyDescriptor(of, name);
    const watched = function (this: unknown, ...args: readonly unknown[]): unknown {
      const counts = keys === undefined || keys.includes(args[0]);
      if (counts && !scopes.isAsking) scopes.current().trace?.markIdentityRead();

      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(of, name, { value: watched, configurable: true, writable: true });

    return () => {
      if (own === undefined) Reflect.deleteProperty(of, name);
      else Object.defineProperty(of, name, own);
    };
  });

  return () => {
    for (const end of ends) end();
  };
}
