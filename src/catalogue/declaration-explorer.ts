import type { DiscoveryService } from '@nestjs/core';
import { declarationsOf } from '../decorators/declaration-metadata.js';
import type { HostClass, MethodDeclaration } from '../decorators/declaration-metadata.js';
import { INVOKER_PROPERTY, MisplacedDeclarationError } from '../decorators/method-trampoline.js';
import type { MethodInvoker } from '../decorators/method-trampoline.js';

type InstanceWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A declared method, and what Nest knows of the class whose instances have it. */
export interface DiscoveredMethod {
  readonly declaration: MethodDeclaration;
  readonly host: HostClass;
  readonly requestScoped: boolean;
}

/** Finds every declaration of the application at start-up. */
export class DeclarationExplorer {
  constructor(private readonly discovery: DiscoveryService) {}

  explore(): readonly DiscoveredMethod[] {
    const seen = new Map<HostClass, readonly DiscoveredMethod[]>();
    for (const wrapper of this.wrappers()) {
      const host = hostOf(wrapper);
      if (host === undefined || seen.has(host)) continue;
      const requestScoped = !wrapper.isDependencyTreeStatic();
      const declarations = declarationsOf(host.prototype as object);
      seen.set(
        host,
        declarations.map((declaration) => ({ declaration, host, requestScoped })),
      );
    }

    return [...seen.values()].flat();
  }

  /**
   * Property injection does not reach what a factory has made or a value provides, so the invoker is handed to it here.
   * Without one, a value that another application has equipped is its own again.
   */
  equip(invoker: MethodInvoker | undefined): void {
    for (const wrapper of this.wrappers()) {
      const instance = madeElsewhere(wrapper);
      if (instance === undefined || declarationsOf(Object.getPrototypeOf(instance) as object | null).length === 0)
        continue;
      if (invoker === undefined) {
        Reflect.deleteProperty(instance, INVOKER_PROPERTY);
        continue;
      }
      if (!Object.isExtensible(instance)) throw frozenProvider(wrapper);
      Object.defineProperty(instance, INVOKER_PROPERTY, { value: invoker, configurable: true });
    }
  }

  /** The instances of a class that Nest has made once and for all. */
  instancesOf(host: HostClass): readonly object[] {
    return this.wrappers().flatMap((wrapper) => {
      const instance: unknown = wrapper.isDependencyTreeStatic() ? wrapper.instance : undefined;
      return typeof instance === 'object' && instance?.constructor === host ? [instance] : [];
    });
  }

  private wrappers(): readonly InstanceWrapper[] {
    return [...this.discovery.getProviders(), ...this.discovery.getControllers()];
  }
}

function frozenProvider({ name }: InstanceWrapper): MisplacedDeclarationError {
  return new MisplacedDeclarationError(
    'Decorated methods',
    String(name),
    'The provider gives a frozen object, so the cache cannot be handed to it',
    'Provide it unfrozen, or let Nest instantiate the class',
  );
}

/** The class whose instances a provider gives: for a factory or a value, the class of what is there. */
function hostOf(wrapper: InstanceWrapper): HostClass | undefined {
  const instance = madeElsewhere(wrapper);
  if (instance !== undefined) return asClass(instance.constructor);

  return wrapper.inject === undefined ? asClass(wrapper.metatype) : undefined;
}

/** What is called a constructor may be anything: of a proxy it is what that answers, such as a bound function without a prototype. */
function asClass(candidate: unknown): HostClass | undefined {
  if (typeof candidate !== 'function') return undefined;
  const { prototype } = candidate as { readonly prototype?: unknown };

  return typeof prototype === 'object' && prototype !== null ? (candidate as unknown as HostClass) : undefined;
}

/** What a factory or value provider has made; undefined for a class that Nest itself instantiates. */
function madeElsewhere(wrapper: InstanceWrapper): object | undefined {
  const isFactory = Array.isArray(wrapper.inject);
  const isValue = typeof wrapper.metatype !== 'function';
  if ((!isFactory && !isValue) || !wrapper.isDependencyTreeStatic()) return undefined;
  const instance: unknown = wrapper.instance;

  return typeof instance === 'object' && instance !== null ? instance : undefined;
}
