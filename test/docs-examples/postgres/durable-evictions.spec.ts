import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import {
  Cacheable,
  CacheEvict,
  ConsistentCacheModule,
  transactional,
  Transactions,
  type ConsistentCacheOptions,
} from 'nestjs-consistent-cache';
import { outboxSql, postgresOutbox, type SqlClient } from 'nestjs-consistent-cache/postgres';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { Pool } from 'pg';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { startRedis } from '../../support/redis-server.js';
import type { RedisServer } from '../../support/redis-server.js';
import { withinMs } from '../../support/within.js';

// #region options
function withOutbox(redisUrl: string, pool: Pool): ConsistentCacheOptions {
  return {
    sharedStore: redisStore({ url: redisUrl }),
    subjectSecret: 'the same in every instance',
    outbox: postgresOutbox({ pool, sqlOf: sqlOfDrizzle, grace: '5s', period: '5s' }),
  };
}
// #endregion

// #region drizzle
function sqlOfDrizzle(transaction: Pick<NodePgDatabase, 'execute'>): SqlClient {
  return {
    query: (text, params) => transaction.execute(sql(Object.assign(text.split(/\$\d/), { raw: [] }), ...params)),
  };
}
// #endregion

// #region typeorm
interface EntityManager {
  query(text: string, params: unknown[]): Promise<unknown[]>;
}

function sqlOfTypeOrm(manager: EntityManager): SqlClient {
  return { query: async (text, params) => ({ rows: await manager.query(text, params) }) };
}
// #endregion

// #region migration
const MIGRATION = outboxSql();
// #endregion

@Injectable()
class Stock {
  private readonly db: NodePgDatabase;

  constructor(pool: Pool, transactions: Transactions) {
    this.db = transactional(transactions, drizzle({ client: pool }));
  }

  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'inventory', tags: { stock: (sku: string) => sku } })
  async of(sku: string): Promise<number> {
    const { rows } = await this.db.execute<{ available: number }>(sql`SELECT available FROM stock WHERE sku = ${sku}`);
    return rows[0]?.available ?? 0;
  }

  @CacheEvict({ tags: { stock: (sku: string) => sku } })
  async take(sku: string, db: Pick<NodePgDatabase, 'execute'>): Promise<void> {
    await db.execute(sql`UPDATE stock SET available = available - 1 WHERE sku = ${sku}`);
  }

  order(...skus: readonly string[]): Promise<void> {
    return this.db.transaction(async (transaction) => {
      for (const sku of skus) await this.take(sku, transaction);
    });
  }
}

describeWithRedis('an order in a transaction of drizzle', () => {
  let server: RedisServer;
  let pool: Pool;
  let app: TestingModule;

  beforeAll(async () => {
    server = await startRedis();
    pool = new Pool({ connectionString: process.env.DATABASE_URL });
    await pool.query(
      `CREATE TABLE stock (sku text, available integer); INSERT INTO stock VALUES ('mug', 3), ('pen', 5)`,
    );
    await pool.query(MIGRATION);
    app = await Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot({ ...withOutbox(server.url, pool), storeDeadline: '5s' })],
      providers: [Stock, { provide: Pool, useValue: pool }],
    }).compile();
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    await pool.end();
    await server.stop();
  });

  it('is recorded in it, evicted after it, and forgotten then', async () => {
    // What is recorded and not yet forgotten shows in a trigger, which nothing else would see.
    await pool.query(`
      CREATE TABLE seen (tags jsonb);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (NEW.tags); RETURN NEW; END';
      CREATE TRIGGER see BEFORE INSERT ON ncc_outbox FOR EACH ROW EXECUTE FUNCTION see()`);
    const stock = app.get(Stock);
    expect(await stock.of('mug')).toBe(3);
    await stock.order('mug', 'pen');

    expect(await stock.of('mug')).toBe(2);
    expect((await pool.query('SELECT tags FROM seen')).rows).toEqual([{ tags: ['v5:stock:mug', 'v5:stock:pen'] }]);
    await withinMs(10_000, async () => (await pool.query('SELECT FROM ncc_outbox')).rowCount === 0);
  });

  it('could be one of TypeORM as well', async () => {
    const manager = {
      query: async (text: string, params: unknown[]) => (await pool.query(text, params)).rows as unknown[],
    };

    expect(await sqlOfTypeOrm(manager).query('SELECT $1::int + 1 AS sum', [1])).toEqual({ rows: [{ sum: 2 }] });
  });
});
