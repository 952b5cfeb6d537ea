import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  CacheEvict,
  transactional,
  Transactions,
} from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { start } from './start.js';

/** A database with one transaction at a time. */
class Ledger {
  readonly rows = new Map<string, number>();
  private saved: ReadonlyMap<string, number> | undefined;

  async transaction<T>(body: () => Promise<T>): Promise<T> {
    this.saved = new Map(this.rows);
    try {
      return await body();
    } catch (error) {
      for (const [account, cents] of this.saved) this.rows.set(account, cents);
      throw error;
    }
  }

  async add(account: string, cents: number): Promise<void> {
    return Promise.resolve(void this.rows.set(account, (this.rows.get(account) ?? 0) + cents));
  }
}

@Injectable()
@CacheDefaults({ owner: 'bank', scope: 'shared', consistency: 'strong' })
class Accounts {
  readonly attempts = new Map<string, number>();

  constructor(private readonly ledger: Ledger) {}

  @Cacheable({ tags: { account: (account: string) => account } })
  async balanceOf(account: string): Promise<number> {
    return Promise.resolve(this.ledger.rows.get(account) ?? 0);
  }

  // #region add
  @CacheEvict({ tags: { account: (account: string) => account } })
  async add(account: string, cents: number): Promise<void> {
    await this.ledger.add(account, cents);
  }
  // #endregion

  @Cacheable({ tags: { attempts: (account: string) => account } })
  async attemptsOf(account: string): Promise<number> {
    return Promise.resolve(this.attempts.get(account) ?? 0);
  }

  @CacheEvict({ tags: { attempts: (account: string) => account } })
  async noteAttempt(account: string): Promise<void> {
    await Promise.resolve(this.attempts.set(account, (this.attempts.get(account) ?? 0) + 1));
  }
}

@Injectable()
class Transfers {
  constructor(
    private readonly ledger: Ledger,
    private readonly accounts: Accounts,
    private readonly transactions: Transactions,
  ) {}

  // #region transfer
  async transfer(from: string, to: string, cents: number): Promise<void> {
    await this.ledger.transaction(async () => {
      // Over a connection of its own: it stays, whatever becomes of the transfer.
      await this.transactions.outside(() => this.accounts.noteAttempt(from));
      await this.accounts.add(to, cents);
      await this.accounts.add(from, -cents);
      if ((await this.accounts.balanceOf(from)) < 0) throw new Error('overdrawn');
    });
  }
  // #endregion
}

describe('Transactions', () => {
  let accounts: Accounts;
  let transfers: Transfers;
  let story: EventStory;

  beforeEach(async () => {
    const { app } = await start({
      providers: [
        {
          provide: Ledger,
          inject: [Transactions],
          useFactory: (transactions: Transactions) => transactional(transactions, new Ledger()),
        },
        Accounts,
        Transfers,
      ],
    });
    accounts = app.get(Accounts);
    transfers = app.get(Transfers);
    await accounts.add('ada', 100);
    await accounts.balanceOf('ada');
    await accounts.attemptsOf('ada');
    story = new EventStory(app.get(CacheEvents));
  });

  it('evict at the commit, and once for each write', async () => {
    await transfers.transfer('ada', 'bob', 40);

    expect(story.lines()).toEqual([
      'tags-evicted @CacheEvict on Accounts.noteAttempt',
      'entry-missed Accounts.balanceOf superseded',
      'load-finished Accounts.balanceOf in-transaction',
      'tags-evicted @CacheEvict on Accounts.add',
      'tags-evicted @CacheEvict on Accounts.add',
    ]);
    expect(await Promise.all([accounts.balanceOf('ada'), accounts.balanceOf('bob')])).toEqual([60, 40]);
  });

  it('evict nothing when they are rolled back, except what went around them', async () => {
    await expect(transfers.transfer('ada', 'bob', 140)).rejects.toThrow('overdrawn');
    story.clear();

    expect(await accounts.balanceOf('ada')).toBe(100);
    expect(await accounts.attemptsOf('ada')).toBe(1);
    expect(story.lines()[0]).toBe('entry-served Accounts.balanceOf hit');
  });
});
