import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  UseGuards,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Cacheable,
  CacheCatalogue,
  CacheDefaults,
  CacheEvents,
  CacheMetrics,
  ConsistentCacheModule,
  NoCache,
} from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import type { Server } from 'node:http';
import { lastValueFrom, Observable, of, toArray } from 'rxjs';
import request from 'supertest';
import { start } from './start.js';

// What the reference of the decorators says beside its tables.

const policy = { consistency: 'eventual', scope: 'shared', owner: 'tests', ttl: '1m' } as const;

@Injectable()
@CacheDefaults({ owner: 'base', consistency: 'eventual', scope: 'shared', ttl: '1m' })
class Base {
  loads = 0;

  @Cacheable({})
  async inherited(): Promise<number> {
    return Promise.resolve((this.loads += 1));
  }

  @Cacheable({})
  async overridden(): Promise<number> {
    return Promise.resolve((this.loads += 1));
  }
}

@Injectable()
@CacheDefaults({ owner: 'derived' })
class Derived extends Base {
  override async overridden(): Promise<number> {
    return Promise.resolve((this.loads += 1));
  }

  @Cacheable({})
  async own(): Promise<number> {
    return Promise.resolve((this.loads += 1));
  }
}

describe('decorators', () => {
  it('are inherited, with entries and defaults as the reference says', async () => {
    const { app } = await start({ providers: [Base, Derived] });
    await app.get(Base).inherited();
    await app.get(Derived).inherited();
    await app.get(Derived).overridden();
    await app.get(Derived).overridden();

    expect(app.get(Derived).loads).toBe(3);
    const owners = Object.fromEntries(
      app
        .get(CacheCatalogue)
        .list()
        .map(({ name, owner }) => [name, owner]),
    );
    expect(owners).toMatchObject({
      'Base.inherited': 'base',
      'Derived.inherited': 'base',
      'Derived.own': 'derived',
    });
  });

  it('need the module, and say so', async () => {
    const started = Test.createTestingModule({ providers: [Base] }).compile();

    await expect(started).rejects.toThrow('import ConsistentCacheModule.forRoot() in the root module');
  });

  it('are refused on a static method when the class loads', () => {
    expect(() => {
      class Wrong {
        readonly name = 'wrong';

        @Cacheable(policy)
        static async all(): Promise<void> {
          return Promise.resolve();
        }
      }
      return Wrong;
    }).toThrow('DECLARATION_MISPLACED');
  });

  it('take a bare number under 1000 for seconds', async () => {
    @Injectable()
    class Hasty {
      @Cacheable({ ...policy, ttl: 999 })
      async value(): Promise<number> {
        return Promise.resolve(1);
      }
    }

    await expect(start({ providers: [Hasty] })).rejects.toMatchObject({
      findings: [{ fault: 'seconds-for-milliseconds', fix: "Write the unit: '999s' or '999ms'" }],
    });
  });

  it('replay what an Observable emitted', async () => {
    @Injectable()
    class Streams {
      @Cacheable(policy)
      digits(): Observable<number> {
        return of(1, 2, 3);
      }
    }
    const { app } = await start({ providers: [Streams] });
    const digits = () => lastValueFrom(app.get(Streams).digits().pipe(toArray()));
    await digits();

    expect(await digits()).toEqual([1, 2, 3]);
    expect(app.get(CacheMetrics).figuresOf('Streams.digits')).toMatchObject({ hit: 1, miss: 1 });
  });

  it('keep what a @NoCache method answered out of the results that it is part of', async () => {
    @Injectable()
    class Accounts {
      @NoCache({ because: 'money' })
      async balance(): Promise<number> {
        return Promise.resolve(42);
      }

      @Cacheable(policy)
      async overview(): Promise<number> {
        return this.balance();
      }
    }
    const { app } = await start({ providers: [Accounts] });
    const story = new EventStory(app.get(CacheEvents));
    await app.get(Accounts).overview();

    expect(story.lines()).toContain('read-refused Accounts.overview no-cache-read');
  });
});

describe('a guard', () => {
  @Injectable()
  class Permissions {
    @Cacheable({ ...policy, scope: 'user', userKey: (id: string) => id })
    async of(id: string): Promise<string[]> {
      return Promise.resolve([id]);
    }

    @Cacheable({ ...policy, scope: 'user' })
    async mine(): Promise<string[]> {
      return Promise.resolve([]);
    }
  }

  @Injectable()
  class Guard implements CanActivate {
    constructor(private readonly permissions: Permissions) {}

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
      await this.permissions.mine();

      return (await this.permissions.of(headers['x-user'] ?? '')).length > 0;
    }
  }

  @Controller()
  class Guarded {
    @Get()
    @UseGuards(Guard)
    page(): string {
      return 'page';
    }
  }

  @Module({
    imports: [
      ConsistentCacheModule.forRoot({
        identity: {
          fromContext: (context) => ({
            user: context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-user'],
          }),
        },
      }),
    ],
    controllers: [Guarded],
    providers: [Permissions],
  })
  class Guarding {}

  let app: INestApplication<Server>;

  afterEach(async () => {
    await app.close();
  });

  it('runs before the caller is known, so it needs a userKey', async () => {
    const module = await Test.createTestingModule({ imports: [Guarding] }).compile();
    app = await module.createNestApplication<INestApplication<Server>>().init();
    const story = new EventStory(app.get(CacheEvents));
    await request(app.getHttpServer()).get('/').set('x-user', 'ada').expect(200);

    expect(story.lines()).toEqual([
      'read-refused Permissions.mine caller-missing',
      'entry-missed Permissions.of absent',
      'load-finished Permissions.of stored',
    ]);
  });
});
