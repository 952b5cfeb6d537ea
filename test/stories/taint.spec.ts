import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  ConsistentCacheModule,
  type IdentityOptions,
} from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';

const silent = (): void => undefined;

interface Request {
  readonly user: string;
}

let requests: AsyncLocalStorage<Request>;
let app: TestingModule | undefined;
afterEach(() => app?.close());

/** As nestjs-cls has it: one store for everything, asked by key. */
class Cls {
  get(key: string): unknown {
    return key === 'user' ? requests.getStore()?.user : 'request-1';
  }
}

@Injectable()
@CacheDefaults({ owner: 'tests', consistency: 'eventual', ttl: '5m' })
class Greetings {
  readonly cls = new Cls();
  loads = 0;

  @Cacheable({ scope: 'shared' })
  async shared(): Promise<string> {
    this.loads += 1;
    return Promise.resolve(`Hello ${requests.getStore()?.user ?? 'nobody'}`);
  }

  @Cacheable({ scope: 'user' })
  async own(): Promise<string> {
    this.loads += 1;
    return Promise.resolve(`Hello ${requests.getStore()?.user ?? 'nobody'}`);
  }

  @Cacheable({ scope: 'shared' })
  async threeCallsDown(): Promise<string> {
    this.loads += 1;
    await sleep(1);
    return `Hello ${String(this.cls.get('user'))}`;
  }

  @Cacheable({ scope: 'shared' })
  async logged(): Promise<string> {
    this.loads += 1;
    return Promise.resolve(`logged as ${String(this.cls.get('request'))}`);
  }

  @Cacheable({ scope: 'shared' })
  async page(): Promise<string> {
    return `page: ${await this.shared()}`;
  }

  @Cacheable({ scope: 'shared' })
  async leavesWorkBehind(): Promise<string> {
    this.loads += 1;
    setTimeout(() => requests.getStore(), 1);
    return Promise.resolve('page');
  }
}

async function start(identity: (greetings: Type<Greetings>) => IdentityOptions): Promise<Greetings> {
  requests = new AsyncLocalStorage();
  app = await Test.createTestingModule({
    imports: [
      ConsistentCacheModule.forRoot({
        topology: 'single-process',
        identity: { ambient: () => requests.getStore(), ...identity(Greetings) },
      }),
    ],
    providers: [Greetings],
  })
    .setLogger({ log: silent, warn: silent, error: silent })
    .compile();
  await app.init();

  return app.get(Greetings);
}

function started(): TestingModule {
  if (app === undefined) throw new Error('it has not been started');

  return app;
}

const as = <T>(user: string, work: () => T): T => requests.run({ user }, work);

describe('a load that asks the application who is calling', () => {
  const WATCHED = () => ({ watched: [{ of: requests }] });

  it('is not stored for others', async () => {
    const greetings = await start(WATCHED);

    expect([await as('ada', () => greetings.shared()), await as('bob', () => greetings.shared())]).toEqual([
      'Hello ada',
      'Hello bob',
    ]);
  });

  it('is stored for the caller, where it is the caller’s own', async () => {
    const greetings = await start(WATCHED);
    for (const user of ['ada', 'bob', 'ada', 'bob'])
      expect(await as(user, () => greetings.own())).toBe(`Hello ${user}`);

    expect(greetings.loads).toBe(2);
  });

  it('marks what is built on it', async () => {
    const greetings = await start(WATCHED);

    expect(await as('ada', () => greetings.page())).toBe('page: Hello ada');
    expect(await as('bob', () => greetings.page())).toBe('page: Hello bob');
  });

  it('does not mark a load that has ended', async () => {
    const greetings = await start(WATCHED);
    await as('ada', () => greetings.leavesWorkBehind());
    await sleep(5);
    await as('bob', () => greetings.leavesWorkBehind());

    expect(greetings.loads).toBe(1);
  });

  it('is an error where that is strict, and tells it as a security event', async () => {
    const greetings = await start(() => ({ ...WATCHED(), strict: true }));
    const story = new EventStory(started().get(CacheEvents));

    await expect(as('ada', () => greetings.shared())).rejects.toMatchObject({ code: 'RESULT_TAINTED' });
    expect(story.lines()).toContain('read-refused Greetings.shared identity-read');
    expect(await as('ada', () => greetings.own())).toBe('Hello ada');
  });
});

describe('a store of the request that is asked by key', () => {
  it('counts for the keys that say who is calling, across awaits and timers, and for no others', async () => {
    const cls = new Cls();
    const greetings = await start(() => ({ watched: [{ of: cls, methods: ['get'], keys: ['user'] }] }));
    Object.assign(greetings, { cls });

    expect(await as('ada', () => greetings.threeCallsDown())).toBe('Hello ada');
    expect(await as('bob', () => greetings.threeCallsDown())).toBe('Hello bob');
    greetings.loads = 0;
    await as('ada', () => greetings.logged());
    await as('bob', () => greetings.logged());
    expect(greetings.loads).toBe(1);
  });

  it('is its own again when the application has closed', async () => {
    const cls = new Cls();
    await start(() => ({ watched: [{ of: cls, methods: ['get'] }] }));
    expect(Object.hasOwn(cls, 'get')).toBe(true);
    await app?.close();

    expect(Object.hasOwn(cls, 'get')).toBe(false);
  });

  it('must have the methods that are to be watched', async () => {
    await expect(start(() => ({ watched: [{ of: new Cls() }] }))).rejects.toThrow('identity.watched must be a list');
  });
});
