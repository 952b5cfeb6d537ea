import 'reflect-metadata';
import { Inject } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { AnyCacheablePolicy, CacheableDefaults } from '../policy/cacheable-policy.js';
import type { EvictPolicy } from '../policy/evict-policy.js';
import type { NoCachePolicy, StaleTolerancePolicy } from '../policy/stale-tolerance.js';

/** Everything that was declared on one method of one class, in the order in which decorators run (bottom up). */
export interface MethodDeclaration {
  /** The class whose prototype has the method. */
  readonly declaringClass: HostClass;
  readonly methodName: string;
  /** The method below our decorators. */
  readonly method: Method;
  /** Whether the method's return type was emitted as Observable. */
  readonly answersWithObservable: boolean;
  readonly cacheables: readonly AnyCacheablePolicy[];
  readonly evictions: readonly EvictPolicy[];
  readonly tolerances: readonly StaleTolerancePolicy[];
  readonly noCaches: readonly NoCachePolicy[];
}

export type Method = (this: unknown, ...args: readonly unknown[]) => unknown;
export type HostClass = abstract new (...args: never[]) => object;

type Mutable = {
  -readonly [Part in keyof MethodDeclaration]: MethodDeclaration[Part] extends readonly (infer Each)[]
    ? Each[]
    : MethodDeclaration[Part];
};

const METHODS = Symbol('nestjs-consistent-cache:methods');
const CLASS_DEFAULTS = Symbol('nestjs-consistent-cache:class-defaults');
/** Nest keeps property injections here; Nest 11 appends duplicates, so it is asked before it is told. */
const PROPERTY_DEPENDENCIES = 'self:properties_metadata';

/** What the decorators of one method have declared so far; undefined before the first. */
export function declarationOn(prototype: object, methodName: string): Mutable | undefined {
  return ownMethods(prototype)?.get(methodName);
}

/** Opens the declaration of a method. */
export function declareMethod(prototype: object, methodName: string, method: Method): Mutable {
  const declaration: Mutable = {
    declaringClass: prototype.constructor as HostClass,
    methodName,
    method,
    answersWithObservable: returnsObservable(prototype, methodName),
    cacheables: [],
    evictions: [],
    tolerances: [],
    noCaches: [],
  };
  const methods = ownMethods(prototype) ?? new Map<string, Mutable>();
  methods.set(methodName, declaration);
  Reflect.defineMetadata(METHODS, methods, prototype);

  return declaration;
}

/** Every declaration that an instance of this class answers to: its own, and those it inherits. */
export function declarationsOf(prototype: object | null): readonly MethodDeclaration[] {
  const declarations: MethodDeclaration[] = [];
  for (let each = prototype; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    declarations.push(...(ownMethods(each)?.values() ?? []));
  }

  return declarations;
}

/** Defaults declared on a class hold for the methods that it declares and for those of its subclasses. */
export function classDefaultsOf(declaringClass: HostClass): CacheableDefaults {
  return (Reflect.getMetadata(CLASS_DEFAULTS, declaringClass) as CacheableDefaults | undefined) ?? {};
}

export function declareClassDefaults(declaringClass: object, defaults: CacheableDefaults): void {
  const inherited = Reflect.getMetadata(CLASS_DEFAULTS, declaringClass) as CacheableDefaults | undefined;
  Reflect.defineMetadata(CLASS_DEFAULTS, { ...inherited, ...defaults }, declaringClass);
}

/** Asks Nest to set a property of every instance of this class, once. */
export function injectProperty(prototype: object, property: symbol, token: symbol): void {
  const known = (Reflect.getMetadata(PROPERTY_DEPENDENCIES, prototype.constructor) ?? []) as readonly {
    key: unknown;
  }[];
  if (known.some(({ key }) => key === property)) return;

  Inject(token)(prototype, property);
}

/** Nest's numbers for what a handler can take of a request, as far as it says who sent it. */
const TELLING_PARAMETERS: Readonly<Record<string, string>> = {
  0: '@Req()',
  6: '@Headers()',
  7: '@Session()',
  11: '@Ip()',
  14: '@Cookies()',
  15: '@SignedCookies()',
};
/** Nest keeps the parameters of a controller's methods here. */
const ROUTE_ARGUMENTS = '__routeArguments__';

/** What a handler takes from the request that may tell who sent it: Nest's own, and those of the application's decorators. */
export function requestParametersOf({ declaringClass, methodName }: MethodDeclaration): readonly string[] {
  const known = Reflect.getMetadata(ROUTE_ARGUMENTS, declaringClass, methodName) as object | undefined;

  return Object.keys(known ?? {}).flatMap((key) => {
    const [type = '', index] = key.split(':');
    if (key.includes('__customRouteArgs__')) return [`what a decorator of its own gives as argument ${index}`];

    return TELLING_PARAMETERS[type] ?? [];
  });
}

/** Carries what other decorators have noted on a method over to the function that takes its place. */
export function copyFunctionMetadata(from: object, to: object): void {
  for (const key of Reflect.getOwnMetadataKeys(from) as readonly unknown[]) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, from), to);
  }
}

function ownMethods(prototype: object): Map<string, Mutable> | undefined {
  return Reflect.getOwnMetadata(METHODS, prototype) as Map<string, Mutable> | undefined;
}

function returnsObservable(prototype: object, methodName: string): boolean {
  const type: unknown = Reflect.getMetadata('design:returntype', prototype, methodName);
  if (typeof type !== 'function') return false;

  return type === Observable || type.prototype instanceof Observable;
}
