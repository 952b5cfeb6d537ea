import { expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Cacheable,
  CacheDefaults,
  CacheEvict,
  SessionContext,
  StaleTolerance,
  type ConsistentCacheOptions,
} from 'nestjs-consistent-cache';
import { start } from './start.js';

@Injectable()
class Rows {
  readonly names = new Map([['ada', 'Ada']]);
}

@Injectable()
@CacheDefaults({ owner: 'profiles', scope: 'shared' })
class ProfileService {
  constructor(private readonly rows: Rows) {}

  // #region declare
  @Cacheable({ consistency: 'session', tags: { profile: (id: string) => id } })
  @StaleTolerance({ max: '1m', because: 'others may see a new name a minute late' })
  async nameOf(id: string): Promise<string | undefined> {
    return Promise.resolve(this.rows.names.get(id));
  }

  @CacheEvict({ tags: { profile: (id: string) => id } })
  async rename(id: string, name: string): Promise<void> {
    await Promise.resolve(this.rows.names.set(id, name));
  }
  // #endregion
}

interface Message {
  readonly id: string;
  readonly ticket: string | undefined;
}

// #region outbox
@Injectable()
class Outbox {
  readonly messages: Message[] = [];

  constructor(private readonly sessions: SessionContext) {}

  /** In a request: what is done later is still done for this caller. */
  send(id: string): void {
    this.messages.push({ id, ticket: this.sessions.ticket() });
  }
}
// #endregion

// #region job
@Injectable()
class GreetingJob {
  constructor(
    private readonly sessions: SessionContext,
    private readonly profiles: ProfileService,
  ) {}

  async greet({ id, ticket }: Message): Promise<string> {
    const { result } = await this.sessions.run(ticket, () => this.profiles.nameOf(id));

    return `Hello ${result ?? 'stranger'}`;
  }
}
// #endregion

// #region header
const forClientsWithoutCookies: ConsistentCacheOptions = { session: { carrier: 'header' } };
// #endregion

// #region cookie
const forBrowsers: ConsistentCacheOptions = { session: { name: '__Host-shop', secure: true } };
// #endregion

it.each([
  ['a header', forClientsWithoutCookies],
  ['a cookie', forBrowsers],
])('lets a job see what its caller wrote, with %s over HTTP', async (_, options) => {
  const { app, clock } = await start({ providers: [Rows, ProfileService, Outbox, GreetingJob] }, options);
  const profiles = app.get(ProfileService);
  const outbox = app.get(Outbox);

  const { ticket } = await app.get(SessionContext).run(undefined, async () => {
    await profiles.nameOf('ada');
    clock.advance('10ms');
    await profiles.rename('ada', 'Ada Lovelace');
    outbox.send('ada');
  });

  expect(outbox.messages).toEqual([{ id: 'ada', ticket }]);
  expect(ticket?.length).toBeLessThanOrEqual(1_024);
  clock.advance('10ms');
  expect(await app.get(GreetingJob).greet({ id: 'ada', ticket })).toBe('Hello Ada Lovelace');
});
