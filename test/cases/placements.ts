import 'reflect-metadata';
import { Controller, Injectable, Scope } from '@nestjs/common';
import type { ModuleMetadata, Type } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheDefaults,
  CacheEvict,
  ConsistentCache,
  NoCache,
  StaleTolerance,
} from 'nestjs-consistent-cache';
import type { CacheablePolicy, DeclaredCache, EvictPolicy, StaleTolerancePolicy } from 'nestjs-consistent-cache';
import type { Origin } from './origin.js';

/** What a row declares, with everything filled in. */
export interface Declared {
  /** The name of the class; the cache is called `<name>.read`. */
  readonly name: string;
  /** Level, scope and owner, which a class may declare for all its methods. */
  readonly terms: CacheablePolicy;
  readonly policy: CacheablePolicy;
  readonly tolerance: StaleTolerancePolicy | undefined;
  readonly evicts: readonly EvictPolicy[];
  readonly origin: Origin;
}

/** The methods that every placement has. */
export interface Host {
  read(...args: readonly unknown[]): unknown;
  readThroughThis(...args: readonly unknown[]): unknown;
  readUnstored(...args: readonly unknown[]): unknown;
  write(...args: readonly unknown[]): unknown;
}

type Parts = Required<Pick<ModuleMetadata, 'providers' | 'controllers'>>;

/** A declaration, put into a module. */
export interface Placed {
  readonly parts: Partial<Parts>;
  /** The instance that a caller would hold; request-scoped and transient ones are new each time. */
  host(app: TestingModule): Promise<Host>;
}

/** One way in which an application may hold a class with decorated methods. */
export interface Placement {
  readonly name: string;
  /** Part of the names of the classes. */
  readonly suffix: string;
  /** Whether there is a class that declares the read. */
  readonly hasClass: boolean;
  place(declared: Declared): Placed;
}

export const PLACEMENTS: readonly Placement[] = [
  {
    name: 'a singleton provider',
    suffix: 'Singleton',
    hasClass: true,
    place: (declared) => singleton(hostClass(declared)),
  },
  {
    name: 'a controller',
    suffix: 'Controller',
    hasClass: true,
    place: (declared) => {
      const type = hostClass(declared);
      Controller(declared.name)(type);
      return { parts: { controllers: [type] }, host: async (app) => app.get(type, { strict: false }) };
    },
  },
  {
    name: 'a request-scoped provider',
    suffix: 'PerRequest',
    hasClass: true,
    place: (declared) => {
      const requestIndependent = 'the case holds its state outside the provider';
      return madeAnew(hostClass({ ...declared, policy: { requestIndependent, ...declared.policy } }), Scope.REQUEST);
    },
  },
  {
    name: 'a transient provider',
    suffix: 'Transient',
    hasClass: true,
    place: (declared) => madeAnew(hostClass(declared), Scope.TRANSIENT),
  },
  {
    name: 'a subclass of the declaring class',
    suffix: 'Subclass',
    hasClass: true,
    place: (declared) => {
      const base = hostClass({ ...declared, name: `${declared.name}Base` });
      return singleton(named(declared.name, class extends base {}));
    },
  },
  {
    name: 'what a factory makes',
    suffix: 'Factory',
    hasClass: true,
    place: (declared) => {
      const type = hostClass(declared);
      const token = Symbol(declared.name);
      return {
        parts: { providers: [{ provide: token, useFactory: async () => new type() }] },
        host: async (app) => app.get<Host>(token, { strict: false }),
      };
    },
  },
  {
    name: 'a value',
    suffix: 'Value',
    hasClass: true,
    place: (declared) => {
      const token = Symbol(declared.name);
      const value = new (hostClass(declared))();
      return {
        parts: { providers: [{ provide: token, useValue: value }] },
        host: async (app) => app.get<Host>(token, { strict: false }),
      };
    },
  },
  {
    name: 'a class with @CacheDefaults',
    suffix: 'Defaults',
    hasClass: true,
    place: (declared) => {
      const type = hostClass({ ...declared, terms: {} });
      CacheDefaults(declared.terms)(type);
      return singleton(type);
    },
  },
  {
    name: 'ConsistentCache.declare',
    suffix: 'Declare',
    hasClass: false,
    place: (declared) => {
      const { name, terms, policy, tolerance, origin } = declared;
      const token = Symbol(name);
      const load = (...args: readonly unknown[]): Promise<unknown> => origin.load(args) as Promise<unknown>;
      const declaration = { ...terms, ...policy, name: `${name}.read`, ...(tolerance ? { tolerance } : {}) };
      // Only the method that evicts needs a class.
      const writer = writerClass(`${name}Writer`, declared);
      Injectable()(writer);
      return {
        parts: {
          providers: [
            writer,
            {
              provide: token,
              inject: [ConsistentCache],
              useFactory: (caching: ConsistentCache) => caching.declare(declaration as never),
            },
          ],
        },
        host: async (app) => {
          const cache = app.get<DeclaredCache<readonly unknown[], unknown>>(token, { strict: false });
          const read = (...args: readonly unknown[]): Promise<unknown> => cache.read(args, load);
          const write = (...args: readonly unknown[]): unknown => app.get(writer, { strict: false }).write(...args);
          const readUnstored = (): never => {
            throw new TypeError('only a class declares that a result is stored nowhere');
          };
          return { read, readThroughThis: read, readUnstored, write };
        },
      };
    },
  },
];

/**
 * One with a class, and the one without. What holds in every placement over the default memory holds over any store as well,
 * because nothing between the method and its store knows both; the product of the two would only cost time.
 */
export const EACH_WAY: readonly Placement[] = PLACEMENTS.filter(
  ({ name }) => name === 'a singleton provider' || name === 'ConsistentCache.declare',
);

function singleton(type: Type<Host>): Placed {
  Injectable()(type);

  return { parts: { providers: [type] }, host: async (app) => app.get(type, { strict: false }) };
}

function madeAnew(type: Type<Host>, scope: Scope): Placed {
  Injectable({ scope })(type);

  return { parts: { providers: [type] }, host: (app) => app.resolve(type, undefined, { strict: false }) };
}

function hostClass(declared: Declared): Type<Host> {
  const { name, terms, policy, tolerance, evicts, origin } = declared;
  const type = named(
    name,
    class {
      read(...args: readonly unknown[]): unknown {
        return origin.load(args);
      }

      readThroughThis(...args: readonly unknown[]): unknown {
        return this.read(...args);
      }

      readUnstored(...args: readonly unknown[]): unknown {
        return origin.load(args);
      }

      write(...args: readonly unknown[]): unknown {
        return origin.write(args);
      }
    },
  );
  decorate(type, 'read', [
    Cacheable({ ...terms, ...policy }),
    ...(tolerance === undefined ? [] : [StaleTolerance(tolerance)]),
  ]);
  decorate(type, 'readUnstored', [NoCache({ because: 'this one is stored nowhere' })]);
  decorate(type, 'write', evicts.map(CacheEvict));

  return type;
}

function writerClass(name: string, { evicts, origin }: Declared): Type<Pick<Host, 'write'>> {
  const type = named(
    name,
    class {
      write(...args: readonly unknown[]): unknown {
        return origin.write(args);
      }
    },
  );
  decorate(type, 'write', evicts.map(CacheEvict));

  return type;
}

/** The decorators were typed against the policy; that a case's methods take anything is not theirs to check. */
function decorate(type: Type, method: string, decorators: readonly unknown[]): void {
  if (decorators.length === 0) return;
  const prototype = type.prototype as object;
  const descriptor = Reflect.getOwnPropertyDescriptor(prototype, method) as PropertyDescriptor;
  Object.defineProperty(
    prototype,
    method,
    Reflect.decorate([...decorators] as MethodDecorator[], prototype, method, descriptor),
  );
}

function named<T extends Type>(name: string, type: T): T {
  return Object.defineProperty(type, 'name', { value: name });
}
