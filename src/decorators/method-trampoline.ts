import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import { copyFunctionMetadata, declarationOn, declareMethod, injectProperty } from './declaration-metadata.js';
import type { Method, MethodDeclaration } from './declaration-metadata.js';

/** What a decorated method calls, in an application that has the module. */
export interface MethodInvoker {
  invoke(declaration: MethodDeclaration, instance: object, args: readonly unknown[]): unknown;
}

/** Nest prints the description when it cannot resolve the token, so it says what to do. */
export const METHOD_INVOKER = Symbol(
  'the cache of nestjs-consistent-cache: import ConsistentCacheModule.forRoot() in the root module',
);

/** Where Nest puts the invoker on every instance of a class with decorated methods. */
export const INVOKER_PROPERTY = Symbol('its cache: import ConsistentCacheModule.forRoot() in the root module');

type Instance = { readonly [INVOKER_PROPERTY]?: MethodInvoker } | null | undefined;

/** A decorator of this library stands where it cannot work. */
export class MisplacedDeclarationError extends ConsistentCacheError {
  constructor(decorator: string, place: string, what: string, fix: string) {
    super({ code: 'DECLARATION_MISPLACED', what, where: `${decorator} on ${place}`, fix });
  }
}

/**
 * Adds to the declaration of a method; the first decorator also puts the trampoline in the method's place.
 *
 * One trampoline serves all our decorators on a method, whatever other decorators stand between them. Without an invoker,
 * as on a class made with plain `new`, it calls the method itself.
 */
export function declareOnMethod(
  decorator: string,
  target: object,
  name: string | symbol,
  descriptor: PropertyDescriptor,
  add: (declaration: ReturnType<typeof declareMethod>) => void,
): void {
  const place = `${typeof target === 'function' ? target.name : target.constructor.name}.${String(name)}`;
  if (typeof target === 'function') {
    throw new MisplacedDeclarationError(
      decorator,
      place,
      'A static method has no instance that Nest could reach',
      'Declare it on an instance method of a provider or controller',
    );
  }
  if (typeof name === 'symbol' || typeof descriptor.value !== 'function') {
    throw new MisplacedDeclarationError(
      decorator,
      place,
      'Only a method with a text name can be declared',
      'Declare it on an ordinary method, not on a symbol, getter or setter',
    );
  }

  const known = declarationOn(target, name);
  if (known !== undefined) {
    add(known);
    return;
  }
  const method = descriptor.value as Method;
  const declaration = declareMethod(target, name, method);
  add(declaration);
  injectProperty(target, INVOKER_PROPERTY, METHOD_INVOKER);
  descriptor.value = trampolineTo(method, declaration);
}

function trampolineTo(method: Method, declaration: MethodDeclaration): Method {
  function trampoline(this: unknown, ...args: readonly unknown[]): unknown {
    const invoker = (this as Instance)?.[INVOKER_PROPERTY];

    return invoker === undefined
      ? method.apply(this, args as unknown[])
      : invoker.invoke(declaration, this as object, args);
  }
  Object.defineProperty(trampoline, 'name', { value: method.name, configurable: true });
  Object.defineProperty(trampoline, 'length', { value: method.length, configurable: true });
  copyFunctionMetadata(method, trampoline);

  return trampoline;
}
