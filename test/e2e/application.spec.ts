import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ClassSerializerInterceptor,
  Controller,
  createParamDecorator,
  Get,
  Header,
  HttpCode,
  Inject,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  Scope,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector, REQUEST } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Exclude, Expose } from 'class-transformer';
import type { Request } from 'express';
import { of } from 'rxjs';
import { Observable } from 'rxjs';
import request from 'supertest';
import {
  Cacheable,
  CacheEvict,
  CacheMetrics,
  CallerContext,
  ConsistentCacheModule,
  StaleTolerance,
} from 'nestjs-consistent-cache';

const SHARED = { consistency: 'eventual', ttl: '1m', scope: 'shared', owner: 'the test' } as const;

/** Everything that was loaded, in order. */
const loads: string[] = [];

function load<T>(what: string, answer: T): T {
  loads.push(what);

  return answer;
}

class Account {
  readonly id: number;
  readonly email: string;
  @Exclude()
  readonly passwordHash: string;

  constructor(id: number) {
    this.id = id;
    this.email = `user-${id}@shop.example`;
    this.passwordHash = 'scrypt$secret';
  }

  @Expose()
  get greeting(): string {
    return `Hello, user ${this.id}`;
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.get<string | undefined>('role', context.getHandler());

    return role === undefined || headerOf(context.switchToHttp().getRequest(), 'x-role') === role;
  }
}

const UserAgent = createParamDecorator((_: unknown, context: ExecutionContext) =>
  headerOf(context.switchToHttp().getRequest(), 'user-agent'),
);

@Controller('accounts')
@UseGuards(RoleGuard)
@UseInterceptors(ClassSerializerInterceptor)
class AccountsController {
  @Get(':id')
  @SetMetadata('role', 'admin')
  @Cacheable({ ...SHARED, codecs: [Account] })
  async above(@Param('id', ParseIntPipe) id: number): Promise<Account> {
    return load(`account ${id}`, new Account(id));
  }

  @Cacheable({ ...SHARED, codecs: [Account] })
  @SetMetadata('role', 'admin')
  @Header('X-Kind', 'list')
  @HttpCode(203)
  @Get()
  async below(): Promise<Account[]> {
    return load('accounts', [new Account(1), new Account(2)]);
  }

  @Post(':id')
  @CacheEvict({ caches: ['AccountsController.above', 'AccountsController.below'] })
  async rename(@Param('id') id: string): Promise<string> {
    return id;
  }
}

/** Made anew for each request, because it looks at the request. */
@Injectable({ scope: Scope.REQUEST })
class CartService {
  constructor(
    @Inject(REQUEST) private readonly incoming: Request,
    private readonly callers: CallerContext,
  ) {}

  @Cacheable({ ...SHARED, scope: 'user' })
  async cart(): Promise<string> {
    return load('cart', `the cart of ${String(this.callers.current()?.user)} from ${this.incoming.url}`);
  }
}

/** Request-scoped because of what it needs, although it does not say so. */
@Controller('cart')
class CartController {
  constructor(
    private readonly carts: CartService,
    private readonly callers: CallerContext,
  ) {}

  @Get()
  cart(): Promise<string> {
    return this.carts.cart();
  }

  @Get('recommendations')
  @Cacheable({ ...SHARED, requestIndependent: 'it is meant to be, and is found out' })
  async recommendations(): Promise<string> {
    return load('recommendations', `for ${String(this.callers.current()?.user)}`);
  }

  @Get('agent')
  @Cacheable({ ...SHARED, requestIndependent: 'the agent is an argument' })
  async agent(@UserAgent() agent: string): Promise<string> {
    return load(`agent ${agent}`, agent);
  }
}

@Controller('prices')
class PricesController {
  @Get('stream/:sku')
  @Cacheable({ ...SHARED })
  stream(@Param('sku') sku: string): Observable<string> {
    return load(`stream ${sku}`, of('first', `last of ${sku}`));
  }

  @Get('from-origin')
  @StaleTolerance({ max: 0, because: 'money changes hands' })
  fromOrigin(): Promise<number> {
    return this.price();
  }

  @Get()
  @Cacheable({ ...SHARED, name: 'the price' })
  async price(): Promise<number> {
    return load('price', 100);
  }
}

describe('an application over HTTP', () => {
  let app: NestExpressApplication;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    request(app.getHttpServer()).get(path).set(headers);

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      imports: [
        ConsistentCacheModule.forRoot({
          identity: {
            fromContext: (context) => {
              const user = headerOf(context.switchToHttp().getRequest(), 'x-user');
              return user === undefined ? undefined : { user };
            },
          },
        }),
      ],
      controllers: [AccountsController, CartController, PricesController],
      providers: [CartService],
    }).compile();
    app = module.createNestApplication<NestExpressApplication>();
    await app.init();
  });
  afterAll(() => app.close());
  beforeEach(() => {
    loads.length = 0;
  });

  describe('M5 decorators in any order', () => {
    it.each(['/accounts/7', '/accounts'])(
      'guard every request to %s, also those that are answered from the cache',
      async (path) => {
        await get(path).expect(403);
        await get(path, { 'x-role': 'admin' }).expect(path === '/accounts' ? 203 : 200);
        await get(path).expect(403);
        await get(path, { 'x-role': 'admin' });

        expect(loads).toHaveLength(1);
      },
    );

    it('keep status, headers, pipes and parameters of the handler on a hit', async () => {
      const first = await get('/accounts', { 'x-role': 'admin' });
      const second = await get('/accounts', { 'x-role': 'admin' });

      for (const { status, headers } of [first, second]) {
        expect(status).toBe(203);
        expect(headers['x-kind']).toBe('list');
      }
      expect(second.body).toEqual(first.body);
      await get('/accounts/seven', { 'x-role': 'admin' }).expect(400);
      await get('/cart/agent', { 'user-agent': 'one' }).expect('one');
      await get('/cart/agent', { 'user-agent': 'two' }).expect('two');
      await get('/cart/agent', { 'user-agent': 'one' }).expect('one');
      expect(loads.filter((each) => each.startsWith('agent'))).toEqual(['agent one', 'agent two']);
    });

    it('evict from a handler', async () => {
      await get('/accounts/8', { 'x-role': 'admin' });
      await request(app.getHttpServer()).post('/accounts/8').expect(201);
      await get('/accounts/8', { 'x-role': 'admin' });

      expect(loads).toEqual(['account 8', 'account 8']);
    });
  });

  describe('L3 instances of a class', () => {
    it('keep what class-transformer excludes out of a hit as out of a miss', async () => {
      for (const expected of ['fwd=miss', 'hit', 'hit']) {
        const { body, headers } = await get('/accounts/9', { 'x-role': 'admin' });

        expect(headers['cache-status']).toContain(expected);
        expect(body).toEqual({ id: 9, email: 'user-9@shop.example', greeting: 'Hello, user 9' });
      }
      expect(loads).toEqual(['account 9']);
    });
  });

  describe('H1 users', () => {
    it('get their own cart from a provider that is made anew for each request', async () => {
      const cartOf = async (user: string, query: string) => (await get(`/cart?${query}`, { 'x-user': user })).text;

      expect(await cartOf('ada', '1')).toBe('the cart of ada from /cart?1');
      expect(await cartOf('bob', '2')).toBe('the cart of bob from /cart?2');
      expect(await cartOf('ada', '3')).toBe('the cart of ada from /cart?1');
      expect(loads).toHaveLength(2);
    });

    it('who are not known get an answer that nobody else gets', async () => {
      expect((await get('/cart?4')).text).toBe('the cart of undefined from /cart?4');
      expect((await get('/cart?5')).text).toBe('the cart of undefined from /cart?5');
      expect(app.get(CacheMetrics).figuresOf('CartService.cart').refusals).toMatchObject({ 'caller-missing': 2 });
    });

    it('never get what a shared handler found out about another', async () => {
      const answers = await Promise.all(
        ['ada', 'bob', 'eve'].map(async (user) => (await get('/cart/recommendations', { 'x-user': user })).text),
      );

      expect(answers).toEqual(['for ada', 'for bob', 'for eve']);
      expect((await get('/cart/recommendations', { 'x-user': 'mallory' })).text).toBe('for mallory');
    });
  });

  describe('a handler', () => {
    it('may answer with an Observable, whose last value is sent', async () => {
      await get('/prices/stream/sku').expect('last of sku');
      await get('/prices/stream/sku').expect('last of sku');

      expect(loads).toEqual(['stream sku']);
    });

    it('tightens the cached reads below it', async () => {
      await get('/prices').expect('100');
      await get('/prices').expect('100');
      expect(loads).toEqual(['price']);
      await get('/prices/from-origin').expect('100');
      expect(loads).toEqual(['price', 'price']);
    });
  });
});

function headerOf(incoming: Request, name: string): string | undefined {
  return incoming.get(name);
}
