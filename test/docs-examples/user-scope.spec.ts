import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  CacheEvict,
  CacheMetrics,
  CallerContext,
  ConsistentCache,
} from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { AsyncLocalStorage } from 'node:async_hooks';
import { start } from './start.js';

@Injectable()
@CacheDefaults({ owner: 'profiles', consistency: 'eventual', ttl: '5m' })
class ProfileService {
  constructor(private readonly caller: CallerContext) {}

  // #region ambient
  @Cacheable({ scope: 'user' })
  async inbox(folder: string): Promise<string> {
    const { user } = this.caller.current() ?? {};

    return Promise.resolve(`${folder} of ${user ?? 'nobody'}`);
  }
  // #endregion

  // #region userKey
  @Cacheable({ scope: 'user', userKey: (userId: string) => userId })
  async settingsOf(userId: string): Promise<string> {
    return Promise.resolve(`settings of ${userId}`);
  }
  // #endregion

  // #region throw
  @Cacheable({ scope: 'user', onMissingUser: 'throw' })
  async invoices(): Promise<string> {
    return Promise.resolve('invoices');
  }
  // #endregion

  // #region tenant
  @Cacheable({ scope: 'tenant', tenantKey: (tenantId: string) => tenantId })
  async planOf(tenantId: string): Promise<string> {
    return Promise.resolve(`plan of ${tenantId}`);
  }
  // #endregion

  @Cacheable({ scope: 'tenant' })
  async motto(): Promise<string> {
    return Promise.resolve(`motto of ${this.caller.current()?.tenant ?? 'nobody'}`);
  }

  @Cacheable({ scope: 'shared' })
  async greeting(): Promise<string> {
    return Promise.resolve(`Hello ${this.caller.current()?.user ?? 'stranger'}`);
  }

  // #region evictUser
  @CacheEvict({ user: (userId: string) => userId })
  async erase(userId: string): Promise<void> {
    await Promise.resolve(userId);
  }
  // #endregion
}

// #region job
@Injectable()
class DigestJob {
  constructor(
    private readonly caller: CallerContext,
    private readonly profiles: ProfileService,
  ) {}

  async mailTo(user: string): Promise<string> {
    return this.caller.runAs({ user }, () => this.profiles.inbox('unread'));
  }
}
// #endregion

const session = new AsyncLocalStorage<{ user?: string; tenant?: string }>();

let app: TestingModule;
let profiles: ProfileService;
let story: EventStory;

beforeEach(async () => {
  ({ app } = await start(
    { providers: [ProfileService, DigestJob] },
    { identity: { ambient: () => session.getStore() } },
  ));
  profiles = app.get(ProfileService);
  story = new EventStory(app.get(CacheEvents));
});

describe('user scope', () => {
  it('keeps users apart', async () => {
    expect(await session.run({ user: 'ada' }, () => profiles.inbox('new'))).toBe('new of ada');
    expect(await session.run({ user: 'bob' }, () => profiles.inbox('new'))).toBe('new of bob');
    expect(await session.run({ user: 'ada' }, () => profiles.inbox('new'))).toBe('new of ada');

    expect(app.get(CacheMetrics).figuresOf('ProfileService.inbox')).toMatchObject({ hit: 1, miss: 2 });
  });

  it('keeps one user in two tenants apart', async () => {
    await session.run({ user: 'ada', tenant: 'a' }, () => profiles.inbox('new'));
    await session.run({ user: 'ada', tenant: 'b' }, () => profiles.inbox('new'));

    expect(app.get(CacheMetrics).figuresOf('ProfileService.inbox')).toMatchObject({ hit: 0, miss: 2 });
  });

  it('caches for a job what it reads on behalf of somebody', async () => {
    await app.get(DigestJob).mailTo('ada');

    expect(await app.get(DigestJob).mailTo('ada')).toBe('unread of ada');
    expect(app.get(CacheMetrics).figuresOf('ProfileService.inbox').hit).toBe(1);
  });

  it('answers without storing when nobody is known', async () => {
    expect(await profiles.inbox('new')).toBe('new of nobody');
    await expect(profiles.invoices()).rejects.toMatchObject({ code: 'CALLER_MISSING' });

    expect(story.lines()).toEqual(['read-refused ProfileService.inbox caller-missing']);
    expect(app.get(CacheMetrics).figuresOf('ProfileService.inbox')).toMatchObject({
      refused: 1,
      refusals: { 'caller-missing': 1 },
    });
  });

  it('answers without storing when the key names another user than the caller', async () => {
    await session.run({ user: 'ada' }, () => profiles.settingsOf('ada'));
    await session.run({ user: 'staff' }, () => profiles.settingsOf('ada'));

    expect(story.lines().at(-1)).toBe('read-refused ProfileService.settingsOf caller-disagrees');
  });

  it('does not store for everybody what was made for one', async () => {
    const greet = (user: string) => session.run({ user }, () => profiles.greeting());

    expect(await greet('ada')).toBe('Hello ada');
    expect(await greet('bob')).toBe('Hello bob');
    expect(story.lines()).toContain('read-refused ProfileService.greeting identity-read');
  });

  it('shares a tenant entry among its members', async () => {
    await session.run({ user: 'ada', tenant: 'a' }, () => profiles.planOf('a'));
    await session.run({ user: 'bob', tenant: 'a' }, () => profiles.planOf('a'));

    expect(story.lines().at(-1)).toBe('entry-served ProfileService.planOf hit');
  });

  it('does not store for a tenant what looked at the caller, who is a user as well', async () => {
    await session.run({ user: 'ada', tenant: 'a' }, () => profiles.motto());

    expect(story.lines()).toContain('read-refused ProfileService.motto identity-read');
  });

  it('evicts all entries of a user', async () => {
    const read = () => session.run({ user: 'ada' }, () => profiles.inbox('new'));
    await read();
    await profiles.erase('ada');
    await read();
    await app.get(ConsistentCache).evictUser('ada');
    await read();

    expect(app.get(CacheMetrics).figuresOf('ProfileService.inbox')).toMatchObject({ hit: 0, miss: 3 });
  });
});

describe('another way to ask who is calling', () => {
  const requests = new AsyncLocalStorage<{ readonly user: string }>();

  // #region watched
  const identity = {
    ambient: () => requests.getStore(),
    watched: [{ of: requests }],
  };
  // #endregion

  it('keeps a shared load that asks it from being stored', async () => {
    @Injectable()
    class Greetings {
      @Cacheable({ scope: 'shared', owner: 'profiles', consistency: 'eventual', ttl: '5m' })
      async greeting(): Promise<string> {
        return Promise.resolve(`Hello ${requests.getStore()?.user ?? 'stranger'}`);
      }
    }
    const { app } = await start({ providers: [Greetings] }, { identity });
    const greet = (user: string) => requests.run({ user }, () => app.get(Greetings).greeting());

    expect([await greet('ada'), await greet('bob')]).toEqual(['Hello ada', 'Hello bob']);
    await app.close();
  });
});
