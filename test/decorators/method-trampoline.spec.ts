import { describe, expect, it } from '@jest/globals';
import { SetMetadata } from '@nestjs/common';
import { Cacheable } from '../../src/decorators/cacheable.decorator.js';
import { CacheDefaults } from '../../src/decorators/cache-defaults.decorator.js';
import { CacheEvict } from '../../src/decorators/cache-evict.decorator.js';
import { classDefaultsOf, declarationsOf } from '../../src/decorators/declaration-metadata.js';
import {
  declareOnMethod,
  INVOKER_PROPERTY,
  MisplacedDeclarationError,
} from '../../src/decorators/method-trampoline.js';
import { NoCache } from '../../src/decorators/no-cache.decorator.js';
import { StaleTolerance } from '../../src/decorators/stale-tolerance.decorator.js';

const because = 'a test says so';

@CacheDefaults({ owner: 'pricing', scope: 'shared' })
class Prices {
  readonly currency: string = 'EUR';

  @SetMetadata('below', 1)
  @Cacheable({ consistency: 'bounded' })
  @SetMetadata('between', 2)
  @StaleTolerance({ max: '5s', because })
  @SetMetadata('above', 3)
  async of(sku: string, amount = 1): Promise<string> {
    return Promise.resolve(`${amount} ${sku} in ${this.currency}`);
  }

  @CacheEvict({ families: ['a'] })
  @CacheEvict({ families: ['b'] })
  async change(): Promise<void> {
    return Promise.resolve();
  }

  @NoCache({ because })
  balance(): number {
    return 1;
  }
}

@CacheDefaults({ owner: 'the dollar team' })
class DollarPrices extends Prices {
  override readonly currency = 'USD';

  @Cacheable({ consistency: 'strong' })
  override async of(sku: string): Promise<string> {
    return super.of(sku);
  }
}

const declared = (host: typeof Prices, methodName: string) =>
  declarationsOf(host.prototype).filter((declaration) => declaration.methodName === methodName);

describe('a decorated method', () => {
  it('is the method itself on an instance that Nest did not make', async () => {
    expect(await new Prices().of('a')).toBe('1 a in EUR');
    expect(await new DollarPrices().of('a')).toBe('1 a in USD');
  });

  it('goes through the invoker that Nest gave to the instance', () => {
    const prices = new Prices();
    const calls: unknown[] = [];
    const invoker = { invoke: (...call: unknown[]) => calls.push(call) };
    Object.defineProperty(prices, INVOKER_PROPERTY, { value: invoker });

    void prices.of('a', 2);

    const [declaration] = declared(Prices, 'of');
    expect(calls).toEqual([[declaration, prices, ['a', 2]]]);
  });

  it('keeps its name, its length, and what other decorators have noted, in any order', () => {
    const of = Object.getOwnPropertyDescriptor(Prices.prototype, 'of')?.value as (sku: string) => unknown;

    expect([of.name, of.length]).toEqual(['of', 1]);
    expect(['below', 'between', 'above'].map((key) => Reflect.getMetadata(key, of) as unknown)).toEqual([1, 2, 3]);
  });

  it('can be called without an instance, as an undecorated one can', () => {
    const balance = Object.getOwnPropertyDescriptor(Prices.prototype, 'balance')?.value as () => number;

    expect(balance.call(undefined)).toBe(1);
  });
});

describe('the declarations of a class', () => {
  it('are one for each method, however many decorators stand on it', () => {
    const [of] = declared(Prices, 'of');
    const [change] = declared(Prices, 'change');

    expect(of).toMatchObject({
      declaringClass: Prices,
      cacheables: [{}],
      tolerances: [{}],
      evictions: [],
      noCaches: [],
    });
    expect(change?.evictions).toEqual([{ families: ['b'] }, { families: ['a'] }]);
  });

  it('of a subclass are its own before those that it inherits', () => {
    expect(declared(DollarPrices, 'of').map(({ declaringClass }) => declaringClass)).toEqual([DollarPrices, Prices]);
    expect(declared(DollarPrices, 'change')).toHaveLength(1);
  });

  it('take defaults from the class and from the one that it extends', () => {
    expect(classDefaultsOf(Prices)).toEqual({ owner: 'pricing', scope: 'shared' });
    expect(classDefaultsOf(DollarPrices)).toEqual({ owner: 'the dollar team', scope: 'shared' });
  });
});

describe('a decorator where it cannot work', () => {
  const descriptor = { value: () => undefined };

  it.each<[string, object, string | symbol, PropertyDescriptor]>([
    ['a static method', Prices, 'make', descriptor],
    ['a symbol', Prices.prototype, Symbol('of'), descriptor],
    ['a getter', Prices.prototype, 'currency', { get: () => 1 }],
  ])('says so at once: on %s', (_, target, name, where) => {
    expect(() => {
      declareOnMethod('@Cacheable', target, name, where, () => undefined);
    }).toThrow(MisplacedDeclarationError);
  });
});
