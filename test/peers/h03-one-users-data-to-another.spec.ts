import { expect, it } from '@jest/globals';
import { CacheInterceptor } from '@nestjs/cache-manager';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { createCache } from 'cache-manager';
import { lastValueFrom, of } from 'rxjs';
import { EngineUnderTest } from '../support/engine-under-test.js';

// @nestjs/cache-manager's CacheInterceptor keys by URL: the second user of one path gets what the first was answered.
// With `wrap` the key is the caller's to write, and nothing notices when the user is missing from it.

it('the peer answers one user with the page of another', async () => {
  const interceptor = new CacheInterceptor(createCache(), new Reflector());
  const httpAdapter = { getRequestMethod: () => 'GET', getRequestUrl: () => '/cart', setHeader: () => undefined };
  Object.assign(interceptor, { httpAdapterHost: { httpAdapter } });
  const visit = async (user: string): Promise<unknown> => {
    const request = { method: 'GET', user };
    const context = {
      getHandler: () => visit,
      getClass: () => CacheInterceptor,
      getArgByIndex: () => request,
      switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
    } as unknown as ExecutionContext;
    const handler: CallHandler = { handle: () => of(`the cart of ${user}`) };
    const answer: unknown = await lastValueFrom(await interceptor.intercept(context, handler));
    // The interceptor keeps what it answers in a step of its own.
    await new Promise((resolve) => setImmediate(resolve));

    return answer;
  };

  expect([await visit('ann'), await visit('bob')]).toEqual(['the cart of ann', 'the cart of ann']);
});

it('each user has an entry of their own, and somebody unknown has none', async () => {
  const engine = new EngineUnderTest();
  const cart = engine.cached({ name: 'carts', consistency: 'eventual', ttl: '1m', scope: 'user' }, async () => {
    return `the cart of ${engine.callers.current()?.user ?? 'nobody'}`;
  });
  const as = (user: string): Promise<string> => engine.callers.runAs({ user }, () => cart());

  expect([await as('ann'), await as('bob'), await as('ann')]).toEqual([
    'the cart of ann',
    'the cart of bob',
    'the cart of ann',
  ]);
  expect([await cart(), await cart()]).toEqual(['the cart of nobody', 'the cart of nobody']);
  expect(engine.metrics.figuresOf('carts')).toMatchObject({ loads: 2, hit: 1, refusals: { 'caller-missing': 2 } });
});

it('the user missing from a shared cache is noticed when the load asks who is calling', async () => {
  const engine = new EngineUnderTest();
  const cart = engine.cached({ name: 'carts', consistency: 'eventual', ttl: '1m' }, async () => {
    return `the cart of ${engine.callers.current()?.user ?? 'nobody'}`;
  });
  const as = (user: string): Promise<string> => engine.callers.runAs({ user }, () => cart());

  expect([await as('ann'), await as('bob')]).toEqual(['the cart of ann', 'the cart of bob']);
});

it.each([
  ['a|b', 'a', 'b'],
  ['a:b', 'a', 'b'],
  ['é', 'e\u0301', 'é '],
  ['x'.repeat(10_000), `${'x'.repeat(9_999)}y`, 'x'],
])('crafted ids never meet in one entry (%#)', async (...users) => {
  const engine = new EngineUnderTest();
  const cart = engine.cached<[user: string], string>(
    {
      name: 'carts',
      consistency: 'eventual',
      ttl: '1m',
      scope: 'user',
      userKey: (user) => user,
      key: () => 'cart',
    },
    async (user) => user,
  );

  for (const user of users) expect(await cart(user)).toBe(user);
  for (const user of users) expect(await cart(user)).toBe(user);
  expect(engine.metrics.figuresOf('carts')).toMatchObject({ loads: users.length, hit: users.length });
});
