import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { Cacheable, CacheEvents, ConsistentCacheModule, StaleTolerance } from 'nestjs-consistent-cache';
import type { ConsistentCacheOptions } from 'nestjs-consistent-cache';
import { externalWritesSql, postgresFeed } from 'nestjs-consistent-cache/postgres';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { Client, Pool } from 'pg';
import { withinMs } from '../../support/within.js';

// #region families
const FAMILIES = {
  price: { table: 'prices', column: 'sku' },
  category: [
    { table: 'categories', column: 'slug' },
    { table: 'products', column: 'category' },
  ],
};
// #endregion

// #region migration
const MIGRATION = externalWritesSql(FAMILIES);
// #endregion

// #region options
function withFeed(connectionString: string): ConsistentCacheOptions {
  return {
    externalWrites: postgresFeed({ connect: () => new Client({ connectionString }), families: FAMILIES }),
  };
}
// #endregion

@Injectable()
class Shop {
  constructor(private readonly pool: Pool) {}

  // #region price
  @Cacheable({
    consistency: 'bounded',
    scope: 'shared',
    owner: 'pricing',
    tags: { price: (sku: string) => sku },
  })
  @StaleTolerance({ max: '5m', because: 'the nightly import; agreed with the pricing team' })
  async priceOf(sku: string): Promise<number> {
    const { rows } = await this.pool.query<{ cents: number }>('SELECT cents FROM prices WHERE sku = $1', [sku]);

    return rows[0]?.cents ?? 0;
  }
  // #endregion

  // #region external
  @Cacheable({
    consistency: 'eventual',
    scope: 'shared',
    owner: 'logistics',
    ttl: '10m',
    writes: 'external',
    tags: { parcel: (id: string) => id },
  })
  async parcel(id: string): Promise<string> {
    return Promise.resolve(`parcel ${id}`);
  }
  // #endregion

  @Cacheable({
    consistency: 'eventual',
    scope: 'shared',
    owner: 'catalog',
    ttl: '10m',
    tags: { category: (slug: string) => slug },
  })
  async category(slug: string): Promise<string> {
    return Promise.resolve(slug);
  }
}

@Injectable()
class Cart {
  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'cart', tags: { price: (sku: string) => sku } })
  async priceOf(sku: string): Promise<string> {
    return Promise.resolve(sku);
  }
}

const url = (): string => process.env.DATABASE_URL ?? '';
const silent = (): void => undefined;
let pool: Pool;

function application(...providers: readonly (new (...args: never[]) => object)[]): Promise<TestingModule> {
  return Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ ...withFeed(url()), topology: 'single-process' })],
    providers: [...providers, { provide: Pool, useValue: pool }],
  })
    .setLogger({ log: silent, warn: silent, error: silent })
    .compile();
}

beforeAll(async () => {
  pool = new Pool({ connectionString: url() });
  await pool.query(`
    CREATE TABLE categories (slug text PRIMARY KEY);
    CREATE TABLE products (sku text PRIMARY KEY, category text);
    CREATE TABLE prices (sku text PRIMARY KEY, cents integer);
    INSERT INTO prices VALUES ('mug', 900)`);
});
afterAll(() => pool.end());

it('refuses to start before the migration was run', async () => {
  const app = await application(Shop);

  await expect(app.init()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
});

it('shows what another program has written, almost at once', async () => {
  await pool.query(MIGRATION);
  const app = await application(Shop);
  const story = new EventStory(app.get(CacheEvents));
  await app.init();
  await withinMs(10_000, async () => story.lines().includes('feed-restarted no-position'));
  const shop = app.get(Shop);
  expect([await shop.priceOf('mug'), await shop.parcel('p'), await shop.category('c')]).toEqual([900, 'parcel p', 'c']);

  await pool.query(`UPDATE prices SET cents = 950 WHERE sku = 'mug'`);
  await withinMs(10_000, async () => (await shop.priceOf('mug')) === 950);
  await app.close();
});

it('refuses a promise that no writer out there could keep', async () => {
  const app = await application(Shop, Cart);

  await expect(app.init()).rejects.toMatchObject({
    code: 'AUDIT_FAILED',
    findings: [{ fault: 'external-writes', place: '@Cacheable on Cart.priceOf' }, { fault: 'strong-without-eviction' }],
  });
});
