import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, SetMetadata } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { lastValueFrom, of, Subject } from 'rxjs';
import type { Observable as Emissions } from 'rxjs';
import { Observable } from 'rxjs';
import {
  Cacheable,
  CacheCatalogue,
  CacheDefaults,
  CacheEvict,
  CacheMetrics,
  ConsistentCacheModule,
  MisplacedDeclarationError,
  StaleTolerance,
  UndeclaredObservableError,
} from 'nestjs-consistent-cache';

const IMMUTABLE = { consistency: 'immutable', scope: 'shared', owner: 'the test' } as const;

describe('A5 defaults of a class', () => {
  @CacheDefaults({ ...IMMUTABLE, consistency: 'eventual', ttl: '1m' })
  class Prices {
    loads = 0;

    @Cacheable({})
    async cached(): Promise<number> {
      return (this.loads += 1);
    }

    @Cacheable({ consistency: 'immutable', owner: 'somebody else' })
    async otherwise(): Promise<number> {
      return (this.loads += 1);
    }

    async undecorated(): Promise<number> {
      return (this.loads += 1);
    }
  }
  Injectable()(Prices);

  @Injectable()
  @CacheDefaults({ owner: 'the subclass' })
  class SpecialPrices extends Prices {
    @Cacheable({})
    async special(): Promise<number> {
      return (this.loads += 1);
    }
  }

  it('hold for its cached methods, and nothing is cached merely by being in it', async () => {
    const app = await started({ providers: [Prices] });
    const prices = app.get(Prices);

    expect([await prices.cached(), await prices.cached()]).toEqual([1, 1]);
    expect([await prices.undecorated(), await prices.undecorated()]).toEqual([2, 3]);
    await app.close();
  });

  it('give way to what a method says itself', async () => {
    const app = await started({ providers: [Prices] });

    expect(app.get(CacheCatalogue).list()).toEqual([
      expect.objectContaining({ name: 'Prices.cached', consistency: 'eventual', owner: 'the test', ttlMs: 60_000 }),
      expect.objectContaining({ name: 'Prices.otherwise', consistency: 'immutable', owner: 'somebody else' }),
    ]);
    await app.close();
  });

  it('are inherited, and a subclass changes them for its own methods only', async () => {
    const app = await started({ providers: [SpecialPrices] });

    expect(app.get(CacheCatalogue).list()).toEqual([
      expect.objectContaining({ name: 'SpecialPrices.cached', owner: 'the test' }),
      expect.objectContaining({ name: 'SpecialPrices.otherwise', owner: 'somebody else' }),
      expect.objectContaining({ name: 'SpecialPrices.special', consistency: 'eventual', owner: 'the subclass' }),
    ]);
    await app.close();
  });
});

describe('B4 a base class and its subclasses', () => {
  @Injectable()
  class Catalog {
    loads = 0;

    @Cacheable(IMMUTABLE)
    async inherited(): Promise<string> {
      this.loads += 1;
      return `inherited by ${this.constructor.name}`;
    }

    @Cacheable(IMMUTABLE)
    async overridden(sku: string): Promise<string> {
      this.loads += 1;
      return `the base's ${sku}`;
    }

    @Cacheable({ ...IMMUTABLE, name: 'the one list of countries' })
    async countries(): Promise<number> {
      return (this.loads += 1);
    }
  }

  @Injectable()
  class Books extends Catalog {
    @Cacheable(IMMUTABLE)
    override async overridden(sku: string): Promise<string> {
      this.loads += 1;
      return `a book on top of ${await super.overridden(sku)}`;
    }
  }

  @Injectable()
  class Toys extends Catalog {
    override async overridden(sku: string): Promise<string> {
      this.loads += 1;
      return `a toy, uncached: ${sku}`;
    }
  }

  it('do not share entries', async () => {
    const app = await started({ providers: [Catalog, Books] });

    expect(await app.get(Catalog).inherited()).toBe('inherited by Catalog');
    expect(await app.get(Books).inherited()).toBe('inherited by Books');
    await app.close();
  });

  it('share entries under a name that is given on purpose', async () => {
    const app = await started({ providers: [Catalog, Books] });

    expect([await app.get(Catalog).countries(), await app.get(Books).countries()]).toEqual([1, 1]);
    expect(app.get(Books).loads).toBe(0);
    await app.close();
  });

  it('may call the overridden method, which is cached on its own', async () => {
    const app = await started({ providers: [Catalog, Books] });
    const books = app.get(Books);

    expect(await books.overridden('a')).toBe("a book on top of the base's a");
    expect(await books.overridden('a')).toBe("a book on top of the base's a");
    expect(await app.get(Catalog).overridden('a')).toBe("the base's a");
    expect(books.loads).toBe(2);
    await app.close();
  });

  it('cache nothing that an override does not declare', async () => {
    const app = await started({ providers: [Toys] });
    const toys = app.get(Toys);
    await toys.overridden('a');
    await toys.overridden('a');

    expect(toys.loads).toBe(2);
    await app.close();
  });
});

describe('other decorators on the same method', () => {
  const noted: string[] = [];
  /** As logging, tracing and transaction decorators do: another function in the method's place. */
  const Noting =
    (word: string): MethodDecorator =>
    (_target, _name, descriptor: PropertyDescriptor) => {
      const method = descriptor.value as (...args: unknown[]) => unknown;
      descriptor.value = function noting(this: unknown, ...args: unknown[]): unknown {
        noted.push(word);
        return method.apply(this, args);
      };
    };

  class Prices {
    loads = 0;

    @SetMetadata('above', 1)
    @Cacheable({ ...IMMUTABLE, consistency: 'bounded' })
    @SetMetadata('between', 2)
    @StaleTolerance({ max: '5s', because: 'the test says so' })
    @SetMetadata('below', 3)
    async of(sku: string, currency: string): Promise<number> {
      this.loads += 1;
      return sku.length + currency.length + this.loads;
    }

    @Noting('above')
    @Cacheable({ ...IMMUTABLE, consistency: 'bounded' })
    @Noting('between')
    @StaleTolerance({ max: '5s', because: 'the test says so' })
    @Noting('below')
    async wrapped(): Promise<number> {
      return (this.loads += 1);
    }

    @CacheEvict({ caches: ['Prices.of'] })
    @Noting('between')
    @CacheEvict({ caches: ['Prices.wrapped'] })
    async change(): Promise<void> {
      noted.push('changed');
    }
  }
  Injectable()(Prices);

  it('keep their metadata, wherever they stand', async () => {
    const app = await started({ providers: [Prices] });
    const handler = Object.getOwnPropertyDescriptor(Prices.prototype, 'of')?.value as (...args: unknown[]) => unknown;

    expect(['above', 'between', 'below'].map((key) => app.get(Reflector).get<number>(key, handler))).toEqual([1, 2, 3]);
    expect(handler.name).toBe('of');
    expect(handler).toHaveLength(2);
    expect(Reflect.getMetadata('design:paramtypes', Prices.prototype, 'of')).toEqual([String, String]);
    await app.close();
  });

  it('run on each call above the cache, and on each load below it', async () => {
    const app = await started({ providers: [Prices] });
    const prices = app.get(Prices);
    noted.length = 0;

    expect([await prices.wrapped(), await prices.wrapped()]).toEqual([1, 1]);
    expect(noted).toEqual(['above', 'between', 'below', 'above', 'between']);
    await app.close();
  });

  it('do not come between two evictions of one method', async () => {
    const app = await started({ providers: [Prices] });
    const prices = app.get(Prices);
    await prices.of('sku', 'EUR');
    await prices.wrapped();
    await prices.change();
    await prices.of('sku', 'EUR');
    await prices.wrapped();

    expect(prices.loads).toBe(4);
    await app.close();
  });
});

describe('A8 a method that answers with an Observable', () => {
  @Injectable()
  class Ticker {
    loads = 0;
    changes = new Subject<string>();

    @Cacheable({ ...IMMUTABLE, unless: (emitted: readonly number[]) => emitted.length === 0 })
    announced(sku: string): Observable<number> {
      this.loads += 1;
      return of(this.loads, sku.length);
    }

    @Cacheable(IMMUTABLE)
    hiddenBehindAType(): Emissions<number> {
      return of((this.loads += 1));
    }

    @CacheEvict({ caches: ['Ticker.announced'] })
    change(): Observable<string> {
      return this.changes;
    }
  }

  it('is recognised by its return type', async () => {
    const app = await started({ providers: [Ticker] });
    const ticker = app.get(Ticker);

    expect([await emitted(ticker.announced('sku')), await emitted(ticker.announced('sku'))]).toEqual([3, 3]);
    expect(ticker.loads).toBe(1);
    expect(app.get(CacheMetrics).figuresOf('Ticker.announced')).toMatchObject({ hit: 1, miss: 1 });
    await app.close();
  });

  it('is refused where its return type does not tell, and is told how to declare it', async () => {
    const app = await started({ providers: [Ticker] });

    const answer = app.get(Ticker).hiddenBehindAType() as unknown as Promise<unknown>;
    await expect(answer).rejects.toThrow(UndeclaredObservableError);
    await expect(answer).rejects.toThrow(/Ticker\.hiddenBehindAType.*returns: 'observable'/);
    await app.close();
  });

  it('evicts when it has completed', async () => {
    const app = await started({ providers: [Ticker] });
    const ticker = app.get(Ticker);
    await emitted(ticker.announced('sku'));
    const changed = emitted(ticker.change());
    await emitted(ticker.announced('sku'));
    expect(ticker.loads).toBe(1);

    ticker.changes.next('half done');
    ticker.changes.complete();
    expect(await changed).toBe('half done');
    await emitted(ticker.announced('sku'));
    expect(ticker.loads).toBe(2);
    await app.close();
  });
});

describe('what a provider gives that is no class of ours', () => {
  it.each([
    null,
    0,
    'text',
    Symbol('a symbol'),
    {},
    [],
    () => 1,
    Object.freeze({ a: 1 }),
    Object.create(null) as object,
    new Map(),
  ])('is left alone (%#)', async (value) => {
    const app = await started({
      providers: [
        { provide: 'value', useValue: value },
        { provide: 'made', useFactory: () => value },
      ],
    });

    expect(app.get('value')).toBe(value);
    expect(app.get('made')).toBe(value);
    await app.close();
  });

  it('says so when it is one of ours and cannot be reached, because it is frozen', async () => {
    class Prices {
      @Cacheable(IMMUTABLE)
      async of(): Promise<number> {
        return 1;
      }
    }
    const starting = started({ providers: [{ provide: Prices, useValue: Object.freeze(new Prices()) }] });

    await expect(starting).rejects.toThrow(MisplacedDeclarationError);
    await expect(starting).rejects.toThrow(/Prices/);
  });
});

async function started(parts: ModuleMetadata): Promise<TestingModule> {
  const app = await Test.createTestingModule({ ...parts, imports: [ConsistentCacheModule.forRoot()] }).compile();

  return app.init();
}

/** The last value that was emitted. */
async function emitted<T>(answer: Emissions<T>): Promise<T> {
  return lastValueFrom(answer);
}
