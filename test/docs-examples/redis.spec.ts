import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { createClient } from '@redis/client';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Cacheable,
  CacheDefaults,
  CacheEvict,
  CacheMetrics,
  ConsistentCacheModule,
  StaleTolerance,
  type ConsistentCacheOptions,
  type OpenStore,
} from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { OPEN_STORE } from '../../src/consistent-cache.tokens.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { withinMs } from '../support/within.js';

// #region byUrl
function withRedis(url: string, secret: string): ConsistentCacheOptions {
  return {
    sharedStore: redisStore({ url }),
    subjectSecret: secret,
    namespace: 'shop',
  };
}
// #endregion

// #region byClient
function withOwnClient(url: string, secret: string): ConsistentCacheOptions {
  const client = createClient({ url, name: 'shop' });

  return { sharedStore: redisStore({ client }), subjectSecret: secret, namespace: 'shop' };
}
// #endregion

// #region times
function withTimes(url: string, secret: string): ConsistentCacheOptions {
  return {
    sharedStore: redisStore({ url, connectTimeout: '10s', probeInterval: '250ms', silence: '2s' }),
    subjectSecret: secret,
    storeDeadline: '150ms',
    copies: true,
    memory: { maxEntries: 50_000 },
  };
}
// #endregion

@Injectable()
class Rows {
  readonly rights = new Map([['ada', ['read', 'write']]]);
  committing: () => void = () => undefined;
}

@Injectable()
@CacheDefaults({ owner: 'accounts', scope: 'shared' })
class AccountsService {
  constructor(private readonly rows: Rows) {}

  // #region linearizable
  @Cacheable({ consistency: 'linearizable', tags: { rights: (user: string) => user } })
  async rightsOf(user: string): Promise<readonly string[]> {
    return Promise.resolve(this.rows.rights.get(user) ?? []);
  }

  @CacheEvict({ tags: { rights: (user: string) => user } })
  async revoke(user: string): Promise<void> {
    await this.commit(user);
  }
  // #endregion

  // #region degrade
  @CacheEvict({
    tags: { rights: (user: string) => user },
    degrade: { because: 'a leaver is locked out even while the cache is down; agreed with security' },
  })
  async lockOut(user: string): Promise<void> {
    await this.commit(user);
  }
  // #endregion

  @Cacheable({ consistency: 'bounded', tags: { rights: (user: string) => user } })
  @StaleTolerance({ max: '1m', because: 'a badge may be a minute late' })
  async badgeOf(user: string): Promise<string> {
    return Promise.resolve(`${user}: ${this.rows.rights.get(user)?.join() ?? 'none'}`);
  }

  private async commit(user: string): Promise<void> {
    await Promise.resolve(this.rows.rights.delete(user));
  }
}

const SECRET = 'the same in every instance';

describeWithRedis('the examples of the guides to Redis', () => {
  let redis: RedisServer;
  const apps: TestingModule[] = [];

  beforeEach(async () => {
    redis = await startRedis();
  });

  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
    await redis.stop();
  });

  /** One instance of the application. */
  async function instance(options: ConsistentCacheOptions, rows: Rows): Promise<TestingModule> {
    const app = await Test.createTestingModule({
      imports: [ConsistentCacheModule.forRoot(options)],
      providers: [AccountsService, { provide: Rows, useValue: rows }],
    }).compile();
    apps.push(app);

    return app.init();
  }

  it.each([
    ['a url', withRedis],
    ['a client of the application', withOwnClient],
    ['its own times', withTimes],
  ])('coordinates two instances with %s', async (_, options) => {
    const rows = new Rows();
    const one = await instance(options(redis.url, SECRET), rows);
    const other = await instance(options(redis.url, SECRET), rows);

    expect(await one.get(AccountsService).badgeOf('ada')).toBe('ada: read,write');
    expect(await other.get(AccountsService).badgeOf('ada')).toBe('ada: read,write');
    expect(other.get(CacheMetrics).figuresOf('AccountsService.badgeOf')).toMatchObject({ hit: 1, loads: 0 });

    await one.get(AccountsService).revoke('ada');
    expect(await other.get(AccountsService).rightsOf('ada')).toEqual([]);
  });

  it('refuses a linearizable write while Redis is away, unless it may degrade', async () => {
    const rows = new Rows();
    const app = await instance(withRedis(redis.url, SECRET), rows);
    const accounts = app.get(AccountsService);
    await redis.kill();

    await expect(accounts.revoke('ada')).rejects.toMatchObject({ code: 'WRITE_REFUSED' });
    expect(await accounts.rightsOf('ada')).toEqual(['read', 'write']);

    await expect(accounts.lockOut('ada')).rejects.toMatchObject({ code: 'EVICTION_FAILED' });
    expect(await accounts.rightsOf('ada')).toEqual([]);
    expect(app.get(CacheMetrics).evictionFigures()).toMatchObject({ refused: 1, degraded: 1 });

    await redis.restart({ empty: true });
    await withinMs(5_000, () => Promise.resolve(app.get(CacheMetrics).evictionFigures().owed === 0));
  });

  it('needs no more rights than the guide grants', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/redis.md'), 'utf8');
    const [, rights = ''] = /ACL SETUSER shop on >… (.+)/.exec(guide) ?? [];
    await redis.command('ACL', 'SETUSER', 'shop', 'on', '>secret', ...rights.split(' '));
    const rows = new Rows();
    const app = await instance(withRedis(redis.url.replace('redis://', 'redis://shop:secret@'), SECRET), rows);
    const accounts = app.get(AccountsService);

    await accounts.rightsOf('ada');
    // The first look at a new tag is not copied yet; from then on the feed vouches for the copy.
    for (let read = 1; read <= 3; read += 1) expect(await accounts.badgeOf('ada')).toBe('ada: read,write');
    await accounts.revoke('ada');
    expect(await accounts.badgeOf('ada')).toBe('ada: none');

    const figures = app.get(CacheMetrics);
    expect(figures.figuresOf('AccountsService.rightsOf').storeErrors).toBe(0);
    expect(figures.figuresOf('AccountsService.badgeOf')).toMatchObject({ storeErrors: 0, hit: 2 });
    await withinMs(5_000, () => Promise.resolve(app.get<OpenStore>(OPEN_STORE).feed.isProven()));
  });

  it('refuses to start, and says why', async () => {
    const start = instance(withRedis(redis.url.replace('redis://', 'redis://:wrong@'), SECRET), new Rows());

    await expect(start).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
