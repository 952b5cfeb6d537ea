import { beforeAll, describe, expect, it } from '@jest/globals';
import { complaintsOf } from './compiler.js';

const COMPILING_MS = 60_000;

/** What every program begins with. */
const PREAMBLE = `
  import { Observable, of } from 'rxjs';
  import {
    Cacheable, CacheDefaults, CacheEvict, ConsistentCache, ConsistentCacheModule, NoCache, StaleTolerance,
  } from 'nestjs-consistent-cache';
  import type { CacheablePolicy, Duration, EvictPolicy } from 'nestjs-consistent-cache';
  interface Price { readonly cents: number }
  interface Order { readonly id: number; readonly skus: string[] }
  const SHARED = { consistency: 'eventual', ttl: '1m', scope: 'shared', owner: 'pricing' } as const;
  export type Kept = [Observable<1>, typeof of, CacheablePolicy, EvictPolicy, Duration, Price, Order, ConsistentCache];
  export const kept = [Cacheable, CacheDefaults, CacheEvict, ConsistentCacheModule, NoCache, StaleTolerance, SHARED, of];
`;

const cached = (policy: string, method: string): string =>
  `export class Prices { @Cacheable({ ...SHARED, ${policy} }) ${method} }`;
const evicting = (policy: string, method: string): string =>
  `export class Prices { @CacheEvict({ ${policy} }) ${method} }`;

const PRICE_OF =
  'async priceOf(sku: string, options?: { at: Date }): Promise<Price> { return { cents: sku.length + (options ? 1 : 0) }; }';
const PRICES = 'prices(sku: string): Observable<Price> { return of({ cents: sku.length }); }';
const CHANGE = 'async change(sku: string, order: Order): Promise<Order> { return sku === "" ? order : order; }';
const CART = 'async cartOf(user: { readonly id: string }): Promise<string> { return user.id; }';

const COMPILES: Readonly<Record<string, string>> = {
  'a policy without functions': cached('', PRICE_OF),
  'functions of all arguments': cached(
    `key: (sku: string, options?: { at: Date }) => [sku, options?.at], tags: { product: (sku: string) => sku },
     condition: (sku: string) => sku !== '', unless: (price: Price, sku: string) => price.cents === 0 && sku === 'free'`,
    PRICE_OF,
  ),
  'functions of fewer arguments, or of none': cached(
    `key: () => 'all', tags: { product: () => ['a', 1, 2n] }`,
    PRICE_OF,
  ),
  'functions of a wider argument': cached(
    'key: (sku: unknown) => sku, unless: (price: { readonly cents: number } | undefined) => price === undefined',
    PRICE_OF,
  ),
  'a user key of the arguments': `export class Carts {
    @Cacheable({ ...SHARED, scope: 'user', userKey: (user: { readonly id: string }) => user.id }) ${CART}
  }`,
  'a user key that may know nobody': `export class Carts {
    @Cacheable({ ...SHARED, scope: 'user', userKey: (user?: string) => user }) async of(user?: string) { return user; }
  }`,
  'an Observable, whose unless sees everything that it emits': cached(
    'unless: (prices: readonly Price[]) => prices.length === 0',
    PRICES,
  ),
  'rest arguments': `export class Prices {
    @Cacheable({ ...SHARED, tags: { product: (...skus: string[]) => skus } })
    async priceOf(...skus: string[]): Promise<number> { return skus.length; }
  }`,
  'a generic method': `export class Prices {
    @Cacheable({ ...SHARED, key: (id: unknown) => id }) async read<T>(id: T): Promise<T> { return id; }
  }`,
  'protected and private methods': `export class Prices {
    @Cacheable(SHARED) protected async one(): Promise<number> { return this.two(); }
    @Cacheable(SHARED) private async two(): Promise<number> { return 2; }
  }`,
  'a policy that is declared elsewhere': `
    const POLICY = { ...SHARED, tags: { product: (sku: string) => sku } } as const;
    export class Prices { @Cacheable(POLICY) ${PRICE_OF} }`,
  'defaults of a class': `@CacheDefaults(SHARED) export class Prices { @Cacheable({}) ${PRICE_OF} }`,
  'evictions of arguments and of the result': evicting(
    `tags: { product: (sku: string) => sku }, tagsOfResult: { product: (order: Order, sku: string) => [...order.skus, sku] }`,
    CHANGE,
  ),
  'several evictions on one method': `export class Prices {
    @CacheEvict({ families: ['product'] })
    @CacheEvict({ tags: { product: (sku: string) => sku }, when: 'before', condition: (sku: string) => sku !== '' })
    ${CHANGE}
  }`,
  'a tolerance and a prohibition on any method': `export class Checkout {
    @StaleTolerance({ max: 0, because: 'money' }) async place(): Promise<void> {}
    @NoCache({ because: 'regulated' }) balance(): number { return 1; }
  }`,
  'a cache without a decorator': `
    declare const caching: ConsistentCache;
    const prices = caching.declare<[sku: string], Price>({
      ...SHARED, name: 'prices', tags: { product: (sku) => sku }, unless: (price, sku) => price.cents === 0 && sku !== '',
    });
    export const price: Promise<Price> = prices.read(['sku'], async (sku) => ({ cents: sku.length }));`,
  'every unit of a duration': `export const durations: Duration[] = [0, 250, '250ms', '1.5s', '5m', '2h', '7d'];`,
};

/** A program, and words that the compiler's message contains. */
const REFUSED: Readonly<Record<string, readonly [program: string, ...words: string[]]>> = {
  // N1
  'a tag of the wrong argument type': [
    cached('tags: { product: (sku: number) => sku }', PRICE_OF),
    'product',
    'number',
    'string',
  ],
  'a tag of an argument that is not there': [
    cached('tags: { product: (a: string, b: { at: Date } | undefined, c: string) => c + a + b }', PRICE_OF),
    'product',
  ],
  'a tag that answers with what cannot be one': [
    cached('tags: { product: (sku: string) => ({ sku }) }', PRICE_OF),
    'product',
  ],
  'a tag that answers with a promise': [cached('tags: { product: async (sku: string) => sku }', PRICE_OF), 'product'],
  'a tag that may answer with nothing': [
    cached('tags: { product: (sku: string): string | undefined => sku || undefined }', PRICE_OF),
    'product',
  ],
  'a tag that is no function': [cached(`tags: { product: 'sku' }`, PRICE_OF), 'string'],
  'a key of the wrong argument type': [cached('key: (sku: number) => sku', PRICE_OF), 'key'],
  'a condition of the wrong argument type': [cached('condition: (sku: number) => sku > 0', PRICE_OF), 'condition'],
  'a condition that answers with a promise': [
    cached('condition: async (sku: string) => sku !== ""', PRICE_OF),
    'condition',
  ],
  'an unless of the wrong result type': [cached('unless: (price: string) => price === ""', PRICE_OF), 'unless'],
  'an unless of the wrong argument type': [cached('unless: (_: Price, sku: number) => sku > 0', PRICE_OF), 'unless'],
  'an unless that sees the promise': [cached('unless: (price: Promise<Price>) => !price', PRICE_OF), 'unless'],
  'an unless that sees one emission': [cached('unless: (price: Price) => price.cents === 0', PRICES), 'unless'],
  'a user key of the wrong argument type': [
    `export class Carts { @Cacheable({ ...SHARED, scope: 'user', userKey: (user: string) => user }) ${CART} }`,
    'userKey',
  ],
  'a user key that answers with an object': [
    `export class Carts { @Cacheable({ ...SHARED, scope: 'user', userKey: (user: { readonly id: string }) => user }) ${CART} }`,
    'userKey',
  ],
  'a tenant key of the wrong argument type': [
    `export class Carts { @Cacheable({ ...SHARED, scope: 'tenant', tenantKey: (tenant: number) => tenant }) ${CART} }`,
    'tenantKey',
  ],
  'an eviction of the wrong argument type': [evicting('tags: { product: (sku: number) => sku }', CHANGE), 'product'],
  'an eviction of the wrong result type': [
    evicting('tagsOfResult: { product: (order: string) => order }', CHANGE),
    'tagsOfResult',
  ],
  'an eviction of a user that is an object': [evicting('user: (_: string, order: Order) => order', CHANGE), 'user'],
  'an eviction condition of the wrong argument type': [
    evicting(`families: ['product'], condition: (sku: number) => sku > 0`, CHANGE),
    'condition',
  ],
  // N2
  'a synchronous cached method': [cached('', 'priceOf(sku: string): number { return sku.length; }'), 'Promise'],
  'a synchronous evicting method': [evicting(`families: ['product']`, 'change(): void {}'), 'Promise'],
  'a method that is asynchronous at times': [
    cached('', 'priceOf(sku: string): number | Promise<number> { return sku.length; }'),
    'Promise',
  ],
  'a getter': [cached('', 'get price(): Promise<number> { return Promise.resolve(1); }'), 'get'],
  'a property': [cached('', 'price = async () => 1;'), 'decorator'],
  'a class': [`@Cacheable(SHARED) export class Prices {}`, 'decorator'],
  // N3
  'a scope that does not exist': [cached(`scope: 'everyone'`, PRICE_OF), 'scope', 'everyone'],
  'an answer to a missing user that does not exist': [cached(`onMissingUser: 'ignore'`, PRICE_OF), 'onMissingUser'],
  'a user key that is no function': [cached(`scope: 'user', userKey: 'user'`, PRICE_OF), 'userKey'],
  // N4
  'a level that does not exist': [cached(`consistency: 'weak'`, PRICE_OF), 'consistency', 'weak'],
  'a duration without a unit': [cached(`ttl: '30'`, PRICE_OF), 'ttl'],
  'a duration in words': [cached(`ttl: '5 minutes'`, PRICE_OF), 'ttl'],
  'a tolerance without a reason': [
    `export class Prices { @StaleTolerance({ max: '5s' }) async of(): Promise<void> {} }`,
    'because',
  ],
  'a prohibition without a reason': [`export class Wallet { @NoCache({}) async of(): Promise<void> {} }`, 'because'],
  'an eviction at a time that does not exist': [evicting(`families: ['product'], when: 'during'`, CHANGE), 'when'],
  'a misspelt default of a class': [
    `@CacheDefaults({ onMissingUsers: 'throw' }) export class Prices {}`,
    'onMissingUsers',
  ],
  'a misspelt option of the module': [
    `export default ConsistentCacheModule.forRoot({ topolgy: 'single-process' });`,
    'topolgy',
  ],
  'a cache without a decorator and without a name': [
    `declare const caching: ConsistentCache; export const prices = caching.declare(SHARED);`,
    'name',
  ],
};

describe('the compiler', () => {
  let complaints: ReadonlyMap<string, readonly string[]>;

  beforeAll(() => {
    const refused = Object.entries(REFUSED).map(([name, [program]]) => [name, program] as const);
    const programs = [...Object.entries(COMPILES), ...refused].map(
      ([name, program]) => [name, PREAMBLE + program] as const,
    );
    complaints = complaintsOf(Object.fromEntries(programs));
  }, COMPILING_MS);

  it.each(Object.keys(COMPILES))('takes %s', (name) => {
    expect(complaints.get(name)).toEqual([]);
  });

  it.each(Object.entries(REFUSED))('refuses %s, and says where', (name, [, ...words]) => {
    const said = (complaints.get(name) ?? []).join('\n');

    expect(said).not.toBe('');
    for (const word of words) expect(said).toContain(word);
  });
});
