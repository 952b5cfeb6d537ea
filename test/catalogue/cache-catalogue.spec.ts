import { describe, expect, it } from '@jest/globals';
import { Observable, of } from 'rxjs';
import { CacheCatalogue } from '../../src/catalogue/cache-catalogue.js';
import type { PlanningContext } from '../../src/catalogue/method-plan.js';
import { IN_PROCESS_CAPABILITIES } from '../../src/coordination/in-process/in-process-version-store.js';
import { Cacheable } from '../../src/decorators/cacheable.decorator.js';
import { CacheEvict } from '../../src/decorators/cache-evict.decorator.js';
import { declarationsOf } from '../../src/decorators/declaration-metadata.js';
import type { HostClass } from '../../src/decorators/declaration-metadata.js';
import { NoCache } from '../../src/decorators/no-cache.decorator.js';
import { StaleTolerance } from '../../src/decorators/stale-tolerance.decorator.js';
import { InvalidPolicyError } from '../../src/policy/policy.errors.js';

const because = 'a test says so';
const CONTEXT: PlanningContext = {
  fedFamilies: [],
  moduleDefaults: { owner: 'tests', scope: 'shared' },
  identityKnown: false,
  origins: new Set<string>(),
  capabilities: IN_PROCESS_CAPABILITIES,
  topology: 'single-process',
};

/** A catalogue with every declaration of these classes. */
function catalogueOf(...hosts: readonly HostClass[]): CacheCatalogue {
  return enterAll(new CacheCatalogue(CONTEXT), hosts);
}

function enterAll(catalogue: CacheCatalogue, hosts: readonly HostClass[]): CacheCatalogue {
  for (const host of hosts) {
    for (const declaration of declarationsOf(host.prototype as object)) catalogue.enter(declaration, host);
  }

  return catalogue;
}

const faultsOf = (catalogue: CacheCatalogue): readonly string[] =>
  catalogue.methods().flatMap(({ problems }) => problems.map(({ fault, place }) => `${fault} ${place}`));

class Prices {
  @Cacheable({ consistency: 'bounded', tags: { product: (sku: string) => sku } })
  @StaleTolerance({ max: '5s', onError: '2m', because })
  async of(sku: string): Promise<string> {
    return Promise.resolve(sku);
  }

  @CacheEvict({ families: ['product'] })
  async change(): Promise<void> {
    return Promise.resolve();
  }

  @CacheEvict({ caches: ['Prices.of'] })
  async reset(): Promise<void> {
    return Promise.resolve();
  }

  @NoCache({ because: 'regulated' })
  async balance(): Promise<number> {
    return Promise.resolve(1);
  }

  @Cacheable({ consistency: 'eventual', ttl: '1m' })
  stream(): Observable<number> {
    return of(1);
  }
}

describe('the catalogue', () => {
  it('lists every cache by name, with its promise and what evicts it', () => {
    const [prices, stream] = catalogueOf(Prices).list();

    expect(prices).toEqual({
      name: 'Prices.of',
      place: '@Cacheable on Prices.of',
      owner: 'tests',
      consistency: 'bounded',
      promise: 'the value was current at most max before the call',
      scope: 'shared',
      ttlMs: 5_000,
      maxStalenessMs: 5_000,
      onErrorMs: 120_000,
      because,
      families: ['product'],
      evictedBy: ['@CacheEvict on Prices.change', '@CacheEvict on Prices.reset'],
    });
    expect(stream).toMatchObject({ name: 'Prices.stream', evictedBy: [], onErrorMs: undefined });
  });

  it('lists what is stored nowhere, and why', () => {
    expect(catalogueOf(Prices).neverStored()).toEqual([{ place: '@NoCache on Prices.balance', because: 'regulated' }]);
  });

  it('plans a method once for each class of instances', () => {
    const catalogue = catalogueOf(Prices);
    const [declaration] = declarationsOf(Prices.prototype);
    if (declaration === undefined) throw new Error('not declared');

    expect(catalogue.planOf(declaration, Prices)).toBe(catalogue.planOf(declaration, Prices));
  });

  it('reads from the return type whether a method answers with an Observable', () => {
    const returns = catalogueOf(Prices)
      .methods()
      .map(({ plan }) => [plan.place, plan.returns]);

    expect(Object.fromEntries(returns)).toMatchObject({ 'Prices.of': 'promise', 'Prices.stream': 'observable' });
  });

  it('keeps the caches of a subclass, and of what it overrides, apart from those of its base', () => {
    class Dollars extends Prices {
      @Cacheable({ consistency: 'strong' })
      override async of(sku: string): Promise<string> {
        return super.of(sku);
      }
    }
    const names = catalogueOf(Prices, Dollars)
      .list()
      .map(({ name }) => name);

    expect(names).toEqual(['Dollars(Prices).of', 'Dollars.of', 'Dollars.stream', 'Prices.of', 'Prices.stream']);
  });

  it('refuses a second cache of one name', () => {
    class Orders {
      @Cacheable({ name: 'Prices.of', consistency: 'strong' })
      async find(): Promise<void> {
        return Promise.resolve();
      }
    }

    expect(faultsOf(catalogueOf(Prices, Orders))).toEqual(['contradiction @Cacheable on Orders.find']);
  });

  it('refuses decorators on one method that cannot both hold', () => {
    class Confused {
      @Cacheable({ consistency: 'strong' })
      @Cacheable({ consistency: 'strong' })
      async twice(): Promise<void> {
        return Promise.resolve();
      }

      @Cacheable({ consistency: 'strong' })
      @NoCache({ because })
      async never(): Promise<void> {
        return Promise.resolve();
      }

      @Cacheable({ consistency: 'strong' })
      @CacheEvict({ families: ['a'] })
      async writes(): Promise<void> {
        return Promise.resolve();
      }

      @StaleTolerance({ max: 0, because })
      @StaleTolerance({ max: '1s', because })
      async tolerates(): Promise<void> {
        return Promise.resolve();
      }
    }

    expect(faultsOf(catalogueOf(Confused))).toEqual([
      'contradiction Confused.twice',
      'contradiction Confused.never',
      'contradiction Confused.writes',
      'contradiction Confused.tolerates',
    ]);
  });

  it('never runs a plan with problems', () => {
    class Unfinished {
      @Cacheable({ consistency: 'bounded' })
      async of(): Promise<void> {
        return Promise.resolve();
      }
    }
    const catalogue = catalogueOf(Unfinished);
    const [declaration] = declarationsOf(Unfinished.prototype);
    if (declaration === undefined) throw new Error('not declared');

    expect(() => catalogue.planOf(declaration, Unfinished)).toThrow(InvalidPolicyError);
  });

  describe('of what other programs write', () => {
    class Strict {
      @Cacheable({ consistency: 'strong', tags: { product: (sku: string) => sku } })
      async of(sku: string): Promise<string> {
        return Promise.resolve(sku);
      }
    }
    class Imported {
      @Cacheable({ consistency: 'eventual', ttl: '1m', writes: 'external', tags: { product: (sku: string) => sku } })
      async of(sku: string): Promise<string> {
        return Promise.resolve(sku);
      }
    }

    it.each([
      ['a promise over what a feed tells of', ['product'], [], Strict],
      ['a promise over what another cache says is written elsewhere', [], [Imported], Strict],
      ['a cache that says so of what another one promises', [], [Strict], Imported],
    ])('refuses %s, also when it is declared after the start', (_, fedFamilies, before, late) => {
      const catalogue = enterAll(new CacheCatalogue({ ...CONTEXT, fedFamilies }), before);
      catalogue.problemsForAudit();

      expect(faultsOf(enterAll(catalogue, [late]))).toEqual(['external-writes @Cacheable on Strict.of']);
    });

    it('says that the feed evicts it', () => {
      const catalogue = enterAll(new CacheCatalogue({ ...CONTEXT, fedFamilies: ['product'] }), [Imported]);

      expect(catalogue.list()).toMatchObject([{ name: 'Imported.of', evictedBy: ['external writes'] }]);
      expect([catalogue.mayWrite(['fproduct']), catalogue.mayWrite(['fother'])]).toEqual([true, false]);
    });
  });
});
