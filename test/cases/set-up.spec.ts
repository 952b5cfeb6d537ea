import { describe, expect, it } from '@jest/globals';
import { CACHE_MANAGER, CacheModule } from '@nestjs/cache-manager';
import { Injectable, Module } from '@nestjs/common';
import type { DynamicModule, ModuleMetadata } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { createCache } from 'cache-manager';
import type { Cache } from 'cache-manager';
import { Keyv } from 'keyv';
import {
  AuditFailedError,
  Cacheable,
  CacheCatalogue,
  CacheEvict,
  CacheMetrics,
  CallerContext,
  Clock,
  ConsistentCache,
  ConsistentCacheModule,
  DuplicateModuleError,
  InvalidOptionsError,
  InvalidPolicyError,
  keyvStore,
  StaleTolerance,
} from 'nestjs-consistent-cache';
import type { ConsistentCacheOptions, ConsistentCacheOptionsFactory } from 'nestjs-consistent-cache';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { PLACEMENTS } from './placements.js';
import { RedisLikeStore } from './stores.js';

/** Counts its loads, and can be shared between applications as a database would be. */
class Database {
  loads = 0;
  price = 100;
}

@Injectable()
class PricingService {
  constructor(readonly database: Database) {}

  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'pricing', tags: { product: (sku: string) => sku } })
  async priceOf(sku: string): Promise<string> {
    this.database.loads += 1;
    return `${sku} costs ${this.database.price}`;
  }
}

@Injectable()
class PriceChanges {
  constructor(readonly database: Database) {}

  @CacheEvict({ tags: { product: (sku: string) => sku } })
  async change(_sku: string, price: number): Promise<void> {
    this.database.price = price;
  }
}

const SHOP = { providers: [Database, PricingService, PriceChanges] };

describe('M1 without the module', () => {
  it.each(PLACEMENTS.filter(({ suffix }) => !['Factory', 'Value', 'Declare'].includes(suffix)))(
    '$name says what to import',
    async (placement) => {
      const placed = placement.place({
        name: 'Prices',
        terms: { consistency: 'immutable', scope: 'shared', owner: 'pricing' },
        policy: {},
        tolerance: undefined,
        evicts: [],
        origin: { load: () => 1 } as never,
      });
      const starting = Test.createTestingModule(placed.parts)
        .compile()
        .then((app) => placed.host(app));

      await expect(starting).rejects.toThrow(/import ConsistentCacheModule\.forRoot\(\) in the root module/);
      await expect(starting).rejects.toThrow(/Prices/);
    },
  );

  it('a class made with plain new behaves as if undecorated', async () => {
    const database = new Database();
    const pricing = new PricingService(database);

    expect(await pricing.priceOf('sku')).toBe('sku costs 100');
    await new PriceChanges(database).change('sku', 200);
    expect(await pricing.priceOf('sku')).toBe('sku costs 200');
    expect(database.loads).toBe(2);
  });
});

describe('M2 several modules', () => {
  it('one module evicts what another has cached', async () => {
    const database = new Database();
    @Module({ providers: [PricingService, { provide: Database, useValue: database }], exports: [PricingService] })
    class PricingModule {}
    @Module({ providers: [PriceChanges, { provide: Database, useValue: database }] })
    class PurchasingModule {}
    const app = await started({ imports: [PricingModule, PurchasingModule] });

    const pricing = app.get(PricingService, { strict: false });
    expect([await pricing.priceOf('sku'), await pricing.priceOf('sku')]).toEqual(['sku costs 100', 'sku costs 100']);
    await app.get(PriceChanges, { strict: false }).change('sku', 200);
    expect(await pricing.priceOf('sku')).toBe('sku costs 200');
    expect(database.loads).toBe(2);
    await app.close();
  });

  it('a class that two modules provide shares its entries', async () => {
    const database = new Database();
    const provided = { providers: [PricingService, { provide: Database, useValue: database }] };
    @Module(provided)
    class OneModule {}
    @Module(provided)
    class OtherModule {}
    const app = await started({ ...SHOP, imports: [OneModule, OtherModule] });

    await app.select(OneModule).get(PricingService).priceOf('sku');
    await app.select(OtherModule).get(PricingService).priceOf('sku');
    expect(database.loads).toBe(1);
    expect(
      app
        .get(CacheCatalogue)
        .list()
        .map(({ name }) => name),
    ).toEqual(['PricingService.priceOf']);
    await app.close();
  });

  it('two applications in one process keep out of each other’s way', async () => {
    const [north, south] = await Promise.all([started(SHOP), started(SHOP)]);
    const priceIn = (app: TestingModule): Promise<string> => app.get(PricingService).priceOf('sku');
    north.get(Database).price = 1;
    south.get(Database).price = 2;

    expect([await priceIn(north), await priceIn(south)]).toEqual(['sku costs 1', 'sku costs 2']);
    await north.get(PriceChanges).change('sku', 3);
    south.get(Database).price = 4;
    expect([await priceIn(north), await priceIn(south)]).toEqual(['sku costs 3', 'sku costs 2']);
    expect(north.get(CacheMetrics).figuresOf('PricingService.priceOf')).toMatchObject({ hit: 0, miss: 2 });
    expect(south.get(CacheMetrics).figuresOf('PricingService.priceOf')).toMatchObject({ hit: 1, miss: 1 });
    expect(north.get(CallerContext).runAs({ user: 'ada' }, () => south.get(CallerContext).current())).toBeUndefined();

    await north.close();
    expect(await priceIn(south)).toBe('sku costs 2');
    await south.close();
  });

  it('a value that one application has equipped is undecorated again in one that is switched off', async () => {
    const database = new Database();
    const pricing = new PricingService(database);
    const provided = {
      providers: [
        { provide: Database, useValue: database },
        { provide: PricingService, useValue: pricing },
        PriceChanges,
      ],
    };
    const caching = await started(provided);
    await pricing.priceOf('sku');
    await pricing.priceOf('sku');
    expect(database.loads).toBe(1);
    await caching.close();

    const off = await started(provided, { enabled: false });
    await pricing.priceOf('sku');

    expect(database.loads).toBe(2);
    await off.close();
  });

  it('one application inside a cached method of another does not taint it', async () => {
    const inner = await started(SHOP);
    @Injectable()
    class Gateway {
      @Cacheable({ consistency: 'immutable', scope: 'shared', owner: 'the gateway' })
      async page(sku: string): Promise<string> {
        return inner.get(PricingService).priceOf(sku);
      }
    }
    const outer = await started({ providers: [Gateway] });
    await outer.get(Gateway).page('sku');
    await inner.get(PricingService).priceOf('sku');

    expect(inner.get(Database).loads).toBe(1);
    expect(outer.get(CacheMetrics).figuresOf('Gateway.page')).toMatchObject({ loads: 1, refused: 0 });
    await Promise.all([inner.close(), outer.close()]);
  });

  it('two applications over one store do not serve each other’s entries', async () => {
    const store = new RedisLikeStore();
    const [north, south] = await Promise.all([started(SHOP, { stores: [store] }), started(SHOP, { stores: [store] })]);
    south.get(Database).price = 2;

    expect(await north.get(PricingService).priceOf('sku')).toBe('sku costs 100');
    expect(await south.get(PricingService).priceOf('sku')).toBe('sku costs 2');
    await Promise.all([north.close(), south.close()]);
  });

  it('registered twice with different options, it refuses to start', async () => {
    const twice = Test.createTestingModule({
      imports: [
        ConsistentCacheModule.forRoot({ topology: 'single-process' }),
        ConsistentCacheModule.forRoot({ topology: 'single-process', namespace: 'other' }),
      ],
    });
    const starting = twice.compile().then((app) => app.init());

    await expect(starting).rejects.toThrow(DuplicateModuleError);
    await expect(starting).rejects.toMatchObject({
      code: 'MODULE_DUPLICATED',
      fix: expect.stringContaining('once') as unknown,
    });
  });
});

describe('M3 asynchronous registration', () => {
  const NAMESPACE = Symbol('namespace');
  const store = new RedisLikeStore();

  @Injectable()
  class CacheSettings implements ConsistentCacheOptionsFactory {
    async createConsistentCacheOptions(): Promise<ConsistentCacheOptions> {
      return { topology: 'single-process', namespace: 'settings', stores: [store] };
    }
  }
  @Module({
    providers: [{ provide: NAMESPACE, useValue: 'settings' }, CacheSettings],
    exports: [NAMESPACE, CacheSettings],
  })
  class SettingsModule {}

  const ways: Readonly<Record<string, DynamicModule>> = {
    'a factory': ConsistentCacheModule.forRootAsync({
      imports: [SettingsModule],
      inject: [NAMESPACE],
      useFactory: async (namespace: string) => ({ topology: 'single-process', namespace, stores: [store] }),
    }),
    'a class': ConsistentCacheModule.forRootAsync({ useClass: CacheSettings }),
    'an existing provider': ConsistentCacheModule.forRootAsync({
      imports: [SettingsModule],
      useExisting: CacheSettings,
    }),
  };

  it.each(Object.entries(ways))('takes its options from %s', async (_, cacheModule) => {
    store.kept.clear();
    const app = await Test.createTestingModule({ ...SHOP, imports: [cacheModule] }).compile();
    await app.init();
    await app.get(PricingService).priceOf('sku');
    await app.get(PricingService).priceOf('sku');

    expect(app.get(Database).loads).toBe(1);
    expect([...store.kept.keys()]).toEqual([expect.stringMatching(/^settings:/)]);
    await app.close();
  });

  it('refuses wrong options from a factory as well', async () => {
    const cacheModule = ConsistentCacheModule.forRootAsync({ useFactory: () => ({ namespace: '' }) });

    await expect(Test.createTestingModule({ imports: [cacheModule] }).compile()).rejects.toThrow(InvalidOptionsError);
  });
});

describe('M4 the application’s own cache', () => {
  it('holds our entries beside the application’s own, which stay as they are', async () => {
    const app = await started(
      { ...SHOP, imports: [CacheModule.register({ isGlobal: true })] },
      { cacheManager: 'existing' },
    );
    const own = app.get<Cache>(CACHE_MANAGER);
    await own.set('own', { of: 'the application' });
    await app.get(PricingService).priceOf('sku');
    await app.get(PriceChanges).change('sku', 200);
    await app.get(ConsistentCache).evictCache('PricingService.priceOf');

    expect(await own.get('own')).toEqual({ of: 'the application' });
    expect(await app.get(PricingService).priceOf('sku')).toBe('sku costs 200');
    await app.close();
  });

  it('may be handed over, and is found in', async () => {
    const kept = new Map<string, unknown>();
    const cache = createCache({ stores: [new Keyv({ store: kept })] });
    const app = await started(SHOP, { cacheManager: cache });
    await app.get(PricingService).priceOf('sku');

    expect([...kept.keys()]).toHaveLength(1);
    kept.clear();
    await app.get(PricingService).priceOf('sku');
    expect(app.get(Database).loads).toBe(2);
    await app.close();
  });

  it('that is not there, or not global, is named with the fix', async () => {
    @Module({ imports: [CacheModule.register()] })
    class NotGlobal {}

    for (const imports of [[], [NotGlobal]]) {
      await expect(started({ imports }, { cacheManager: 'existing' })).rejects.toThrow(InvalidOptionsError);
      await expect(started({ imports }, { cacheManager: 'existing' })).rejects.toThrow(
        /register CacheModule with isGlobal: true/,
      );
    }
  });
});

/** Never opened, because the options are refused before. */
const SOME_STORE = keyvStore({ stores: [new Keyv()], maxClockSkew: 0 });

describe('M5 an option that makes no sense', () => {
  it.each([
    ["there is no option 'topolgy' (there are topology", { topolgy: 'single-process' }],
    ["topology must be 'single-process' or 'multi-process', not 'cluster'", { topology: 'cluster' }],
    ['stores must be a list of at least one Keyv', { stores: [] }],
    ['stores must be a list of at least one Keyv', { stores: new Keyv() }],
    ['stores must be a list of at least one Keyv', { stores: ['redis://'] }],
    ["cacheManager must be 'existing' or a cache-manager", { cacheManager: 'mine' }],
    ["cacheManager must be 'existing' or a cache-manager", { cacheManager: {} }],
    ['stores, cacheManager and sharedStore exclude each other', { cacheManager: 'existing', stores: [new Keyv()] }],
    ['stores, cacheManager and sharedStore exclude each other', { stores: [new Keyv()], sharedStore: SOME_STORE }],
    ['sharedStore must be a SharedStore', { sharedStore: 'redis://localhost:6379', subjectSecret: 'x'.repeat(16) }],
    ['sharedStore needs subjectSecret, the same in every instance', { sharedStore: SOME_STORE }],
    ['copies must be true or false', { copies: 'yes' }],
    ["session.carrier must be 'cookie' or 'header'", { session: { carrier: 'query' } }],
    ['session.name must be a name that HTTP allows', { session: { name: 'my session' } }],
    ['session.secure must be true or false', { session: { secure: 'always' } }],
    ["there is no option 'session.maxAge'", { session: { maxAge: 5 } }],
    ['memory.maxEntries belongs to the default store', { stores: [new Keyv()], memory: { maxEntries: 5 } }],
    ['memory.maxEntries must be a whole number above 0, not 0', { memory: { maxEntries: 0 } }],
    ['memory.maxEntries must be a whole number above 0, not 1.5', { memory: { maxEntries: 1.5 } }],
    ["there is no option 'memory.max'", { memory: { max: 5 } }],
    ['identity.fromContext and identity.ambient must be functions', { identity: { fromContext: 'user' } }],
    ["there is no option 'identity.fromRequest'", { identity: { fromRequest: () => ({}) } }],
    ['namespace must be 1 to 50 letters', { namespace: '' }],
    ['namespace must be 1 to 50 letters', { namespace: 'a b' }],
    ['storeDeadline must be longer than 0', { storeDeadline: 0 }],
    ['is not a duration', { storeDeadline: 'soon' }],
    ['subjectSecret must be text of at least 16 characters', { subjectSecret: 'short' }],
    ['headers must be true or false', { headers: 'yes' }],
    ['enabled must be true or false', { enabled: 'no' }],
    ["defaults.levels names 'weak', which is no level", { defaults: { levels: { weak: { ttl: '5s' } } } }],
    ["there is no option 'defaults.ownr'", { defaults: { ownr: 'pricing' } }],
    ["there is no option 'defaults.levels.eventual.tll'", { defaults: { levels: { eventual: { tll: '5s' } } } }],
  ])('stops the start: %s', async (problem, options) => {
    const starting = started({}, options as ConsistentCacheOptions);

    await expect(starting).rejects.toThrow(InvalidOptionsError);
    await expect(starting).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      what: expect.stringContaining(problem) as unknown,
    });
  });

  it('is listed with all the others', async () => {
    const starting = started({}, { namespace: '', storeDeadline: 0, subjectSecret: 'short' });

    await expect(starting).rejects.toThrow(/namespace.*subjectSecret.*storeDeadline/s);
  });
});

describe('the module’s defaults', () => {
  it('hold for policies that do not say otherwise', async () => {
    @Injectable()
    class Prices {
      @Cacheable({ consistency: 'eventual' })
      async of(): Promise<number> {
        return 1;
      }

      @Cacheable({ consistency: 'eventual', owner: 'shipping', scope: 'tenant', tenantKey: () => 'north', ttl: '1s' })
      async otherwise(): Promise<number> {
        return 1;
      }

      @Cacheable({ consistency: 'bounded' })
      @StaleTolerance({ max: '2s', because: 'tighter than the module’s ttl' })
      async bounded(): Promise<number> {
        return 1;
      }
    }
    const app = await started(
      { providers: [Prices] },
      {
        defaults: {
          owner: 'pricing',
          scope: 'shared',
          levels: { eventual: { ttl: '1m' }, bounded: { ttl: '1m' } },
        },
      },
    );

    expect(app.get(CacheCatalogue).list()).toEqual([
      expect.objectContaining({ name: 'Prices.bounded', ttlMs: 2_000, maxStalenessMs: 2_000 }),
      expect.objectContaining({ name: 'Prices.of', owner: 'pricing', scope: 'shared', ttlMs: 60_000 }),
      expect.objectContaining({ name: 'Prices.otherwise', owner: 'shipping', scope: 'tenant', ttlMs: 1_000 }),
    ]);
    await app.close();
  });
});

describe('M6 a disabled cache', () => {
  it('runs every method as if it were not decorated', async () => {
    const app = await started(SHOP, { enabled: false });
    await app.get(PricingService).priceOf('sku');
    await app.get(PriceChanges).change('sku', 200);

    expect(await app.get(PricingService).priceOf('sku')).toBe('sku costs 200');
    expect(app.get(Database).loads).toBe(2);
    expect(app.get(CacheMetrics).figures()).toEqual({});
    await app.close();
  });

  it('reads through a declared cache to its origin, and evicts nothing without a fuss', async () => {
    const app = await started({}, { enabled: false });
    const cache = app.get(ConsistentCache).declare<[], number>({
      name: 'prices',
      consistency: 'immutable',
      scope: 'shared',
      owner: 'pricing',
      tags: { product: () => 'sku' },
    });
    let loads = 0;
    const load = async () => (loads += 1);

    expect([await cache.read([], load), await cache.read([], load)]).toEqual([1, 2]);
    await app.get(ConsistentCache).evictCache('prices');
    await app.get(ConsistentCache).evict({ product: 'sku' });
    await app.get(ConsistentCache).evictUser('ada');
    await app.close();
  });

  it('is audited all the same, so that tests find what would stop the application', async () => {
    await expect(started({ providers: [Database, PricingService] }, { enabled: false })).rejects.toThrow(
      AuditFailedError,
    );
  });
});

describe('M7 shutdown', () => {
  it('leaves the application’s stores open', async () => {
    const closed: string[] = [];
    class WatchedStore extends RedisLikeStore {
      override async clear(): Promise<void> {
        closed.push('cleared');
      }

      async disconnect(): Promise<void> {
        closed.push('disconnected');
      }
    }
    const store = new WatchedStore();
    const app = await started(SHOP, { stores: [store] });
    await app.get(PricingService).priceOf('sku');
    await app.close();

    expect(closed).toEqual([]);
    expect(store.kept.size).toBe(1);
  });

  it('piles no listeners up on a store that outlives the application', async () => {
    const keyv = new Keyv({ store: new RedisLikeStore() });
    for (let restart = 0; restart < 3; restart += 1) {
      const app = await started(SHOP, { stores: [keyv] });
      await app.close();
    }

    expect(keyv.listeners('error')).toHaveLength(1);
  });

  it('lets a read that is still running come to its end', async () => {
    const app = await started(SHOP);
    const reading = app.get(PricingService).priceOf('sku');
    await app.close();

    expect(await reading).toBe('sku costs 100');
  });
});

describe('a module that is loaded lazily', () => {
  it('caches, is evicted, and is in the catalogue once it has been called', async () => {
    const app = await started(SHOP);
    @Injectable()
    class Recommendations {
      loads = 0;

      @Cacheable({
        consistency: 'eventual',
        ttl: '1m',
        scope: 'shared',
        owner: 'search',
        tags: { product: (sku: string) => sku },
      })
      async for(sku: string): Promise<string> {
        this.loads += 1;
        return `more like ${sku}`;
      }
    }
    @Module({ providers: [Recommendations] })
    class LazyModule {}
    const lazy = await app.get(LazyModuleLoader).load(() => LazyModule);
    const recommendations = lazy.get(Recommendations);

    await recommendations.for('sku');
    await recommendations.for('sku');
    expect(recommendations.loads).toBe(1);
    await app.get(PriceChanges).change('sku', 200);
    await recommendations.for('sku');
    expect(recommendations.loads).toBe(2);
    expect(
      app
        .get(CacheCatalogue)
        .list()
        .map(({ name }) => name),
    ).toContain('Recommendations.for');
    await app.close();
  });

  it('refuses a call under a declaration that the audit would have refused', async () => {
    const app = await started({}, { topology: 'multi-process' });
    @Injectable()
    class Recommendations {
      @Cacheable({ consistency: 'eventual', scope: 'shared', owner: 'search' })
      async withoutTtl(): Promise<string> {
        return 'more';
      }

      @Cacheable({ consistency: 'session', scope: 'shared', owner: 'search' })
      @StaleTolerance({ max: '1s', because: 'the test says so' })
      async ofALevelOutOfReach(): Promise<string> {
        return 'more';
      }
    }
    @Module({ providers: [Recommendations] })
    class LazyModule {}
    const recommendations = (await app.get(LazyModuleLoader).load(() => LazyModule)).get(Recommendations);

    await expect(attempt(() => recommendations.withoutTtl())).rejects.toThrow(InvalidPolicyError);
    await expect(attempt(() => recommendations.ofALevelOutOfReach())).rejects.toThrow(/session needs versions/);
    await app.close();
  });
});

describe('programmatic access', () => {
  it('refuses a declaration that cannot be kept, where it is made', async () => {
    const app = await started({});
    const caching = app.get(ConsistentCache);
    const sound = { consistency: 'immutable', scope: 'shared', owner: 'pricing' } as const;

    expect(() => caching.declare({ ...sound, name: '' })).toThrow(InvalidPolicyError);
    expect(() => caching.declare({ ...sound, name: 'prices', consistency: 'eventual' })).toThrow(
      /eventual needs a ttl/,
    );
    caching.declare({ ...sound, name: 'prices' });
    expect(() => caching.declare({ ...sound, name: 'prices' })).toThrow(/another cache named 'prices'/);
    expect(() => caching.withTolerance({ because: 'no max' }, () => 1)).toThrow(InvalidPolicyError);
    await app.close();
  });

  it('moves with the clock of the application', async () => {
    const clock = new ManualClock();
    const app = await Test.createTestingModule({ imports: [ConsistentCacheModule.forRoot()] })
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    await app.init();
    const cache = app
      .get(ConsistentCache)
      .declare<[], number>({ name: 'prices', consistency: 'eventual', ttl: '1m', scope: 'shared', owner: 'pricing' });
    let loads = 0;
    const load = async () => (loads += 1);
    await cache.read([], load);
    clock.advance('1m');

    expect(await cache.read([], load)).toBe(2);
    await app.close();
  });
});

async function started(
  { imports = [], ...parts }: ModuleMetadata,
  options: ConsistentCacheOptions = {},
): Promise<TestingModule> {
  const app = await Test.createTestingModule({
    ...parts,
    imports: [ConsistentCacheModule.forRoot({ topology: 'single-process', ...options }), ...imports],
  }).compile();

  return app.init();
}

/** Either way of failing is a refusal. */
async function attempt(work: () => Promise<unknown>): Promise<unknown> {
  return work();
}
