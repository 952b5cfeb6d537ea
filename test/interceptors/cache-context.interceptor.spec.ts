import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CallHandler, ContextType, ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { defer, lastValueFrom } from 'rxjs';
import { CacheCatalogue } from '../../src/catalogue/cache-catalogue.js';
import { CallScopes } from '../../src/context/call-scope.js';
import { SessionContext } from '../../src/context/session-context.js';
import { IN_PROCESS_CAPABILITIES } from '../../src/coordination/in-process/in-process-version-store.js';
import { CookieTicketCarrier } from '../../src/http/ticket-carrier.js';
import { CacheContextInterceptor } from '../../src/interceptors/cache-context.interceptor.js';

class Shop {
  readonly name = 'shop';
}

function handle(): void {
  return undefined;
}

class Response {
  readonly headersSent = false;
  readonly headers = new Map<string, unknown>();

  getHeader(name: string): unknown {
    return this.headers.get(name);
  }

  setHeader(name: string, value: unknown): void {
    this.headers.set(name, value);
  }

  /** What a browser would send back. */
  get cookie(): string | undefined {
    const cookies = (this.headers.get('Set-Cookie') ?? []) as string[];

    return cookies.length === 0 ? undefined : cookies.map((each) => each.split(';')[0]).join('; ');
  }
}

let clock: ManualClock;
let scopes: CallScopes;
let sessions: SessionContext;
let interceptor: CacheContextInterceptor;

beforeEach(() => {
  clock = new ManualClock();
  scopes = new CallScopes(undefined);
  const issue = { secret: 'a secret of the application', epoch: () => 'run-1', clock, report: () => undefined };
  sessions = new SessionContext(scopes, issue);
  const catalogue = new CacheCatalogue({
    moduleDefaults: {},
    identityKnown: false,
    origins: new Set<string>(),
    capabilities: IN_PROCESS_CAPABILITIES,
    topology: 'single-process',
    fedFamilies: [],
  });
  interceptor = new CacheContextInterceptor(scopes, catalogue, {}, true, {
    issue,
    carrier: new CookieTicketCarrier('ncc-session', false),
  });
});

function contextOf(type: ContextType | 'graphql', args: unknown[]): ExecutionContext {
  const context = new ExecutionContextHost(args, Shop, handle);
  context.setType(type);

  return context;
}

async function answer(context: ExecutionContext, handler: () => unknown): Promise<unknown> {
  const next: CallHandler = { handle: () => defer(async () => handler()) };

  return lastValueFrom(interceptor.intercept(context, next));
}

async function request(cookie: string | undefined, handler: () => unknown): Promise<Response> {
  const response = new Response();
  await answer(contextOf('http', [{ headers: { cookie } }, response]), handler).catch(() => undefined);

  return response;
}

function write(tag: string): void {
  scopes.current().session?.current().wrote([tag], clock.nowMs());
}

function writes(): number | undefined {
  return scopes.current().session?.current().facts.written.size;
}

describe('a request', () => {
  it('sends its session on, and goes on with it', async () => {
    const first = await request(undefined, () => {
      write('product');
    });
    let known: number | undefined;
    await request(first.cookie, () => {
      known = writes();
    });

    expect(known).toBe(1);
    expect(first.headers.get('Cache-Control')).toBe('private');
  });

  it('sends it on as well when its handler fails after a write', async () => {
    const failed = await request(undefined, () => {
      write('product');
      throw new Error('after the write');
    });

    expect(failed.cookie).toMatch(/^ncc-session=/);
  });

  it('sends nothing when nothing has changed, or nothing asked', async () => {
    const { cookie } = await request(undefined, () => {
      write('product');
    });

    expect((await request(cookie, writes)).cookie).toBeUndefined();
    expect((await request(undefined, () => 1)).headers.size).toBe(0);
  });
});

describe('a query of GraphQL', () => {
  it('has one session for all its resolvers, and one cookie', async () => {
    const [req, res] = [{ headers: {} }, new Response()];
    const resolver = (tag: string) =>
      answer(contextOf('graphql', [{}, {}, { req, res }, {}]), () => {
        write(tag);
      });
    await Promise.all([resolver('product'), resolver('stock')]);
    let known: number | undefined;
    await request(res.cookie, () => {
      known = writes();
    });

    expect(known).toBe(2);
    expect(res.headers.get('Set-Cookie')).toHaveLength(1);
  });

  it('has none where its context knows no request', async () => {
    expect(await answer(contextOf('graphql', [{}, {}, undefined, {}]), writes)).toBeUndefined();
  });
});

it('a message keeps the session in which it is handled', async () => {
  const run = await sessions.run(undefined, async () => {
    await answer(contextOf('rpc', [{ sku: 'sku-1' }, {}]), () => {
      write('product');
    });
  });

  expect((await sessions.run(run.ticket, writes)).result).toBe(1);
});
