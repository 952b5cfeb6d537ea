import { afterEach, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheEvict,
  ConsistentCacheModule,
  keyvStore,
  type ConsistentCacheOptions,
} from 'nestjs-consistent-cache';
import { Keyv } from 'keyv';

// #region options
function withKeyv(shared: Keyv): ConsistentCacheOptions {
  return {
    sharedStore: keyvStore({
      stores: [shared],
      maxClockSkew: '500ms',
      neverRestored: 'one PostgreSQL without standby; a restored backup gets a new namespace',
    }),
    subjectSecret: 'the same in every instance',
  };
}
// #endregion

@Injectable()
class Rows {
  stock = 3;
}

@Injectable()
class StockService {
  constructor(private readonly rows: Rows) {}

  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'inventory', tags: { stock: () => 'mug' } })
  async stock(): Promise<number> {
    return Promise.resolve(this.rows.stock);
  }

  @CacheEvict({ tags: { stock: () => 'mug' } })
  async take(): Promise<void> {
    this.rows.stock -= 1;
    await Promise.resolve();
  }
}

const apps: TestingModule[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function instance(options: ConsistentCacheOptions, rows: Rows): Promise<StockService> {
  const app = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot(options)],
    providers: [StockService, { provide: Rows, useValue: rows }],
  }).compile();
  apps.push(app);
  await app.init();

  return app.get(StockService);
}

it('lets one instance see what another one evicted', async () => {
  const rows = new Rows();
  const shared = new Keyv();
  const one = await instance(withKeyv(shared), rows);
  const other = await instance(withKeyv(shared), rows);

  expect([await one.stock(), await other.stock()]).toEqual([3, 3]);
  await one.take();
  expect(await other.stock()).toBe(2);
});

it('refuses strong unless nothing can bring back an older state', async () => {
  const options = {
    sharedStore: keyvStore({ stores: [new Keyv()], maxClockSkew: 0 }),
    subjectSecret: 'the same in every instance',
  };

  await expect(instance(options, new Rows())).rejects.toMatchObject({ code: 'AUDIT_FAILED' });
});
