import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Cacheable, CacheDefaults, CacheEvents, type InstanceCodec } from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { Keyv } from 'keyv';
import { start } from './start.js';

interface Report {
  readonly rows: number[];
  readonly madeAt: Date;
}

// #region classes
class Product {
  constructor(
    readonly sku: string,
    readonly cents: number,
  ) {}

  get price(): string {
    return `${(this.cents / 100).toFixed(2)} €`;
  }
}

class Money {
  readonly #cents: bigint;

  constructor(cents: bigint) {
    this.#cents = cents;
  }

  get cents(): bigint {
    return this.#cents;
  }
}

const moneyCodec: InstanceCodec<Money, bigint> = {
  type: Money,
  encode: (money) => money.cents,
  decode: (cents) => new Money(cents),
};
// #endregion

@Injectable()
@CacheDefaults({ owner: 'reports', scope: 'shared', consistency: 'eventual', ttl: '5m' })
class ReportsService {
  @Cacheable({})
  async shared(): Promise<Report> {
    return Promise.resolve({ rows: [3, 1, 2], madeAt: new Date(0) });
  }

  // #region copied
  @Cacheable({ values: 'copied' })
  async ownCopy(): Promise<Report> {
    return Promise.resolve({ rows: [3, 1, 2], madeAt: new Date(0) });
  }
  // #endregion

  // #region codecs
  @Cacheable({ codecs: [Product, moneyCodec] })
  async best(): Promise<{ product: Product; turnover: Money }> {
    return Promise.resolve({ product: new Product('mug-0001', 900), turnover: new Money(90_000n) });
  }
  // #endregion

  @Cacheable({})
  async undeclared(): Promise<{ product: Product }> {
    return Promise.resolve({ product: new Product('mug-0001', 900) });
  }

  // #region unless
  @Cacheable({ unless: (found: string | undefined) => found === undefined })
  async find(name: string): Promise<string | undefined> {
    return Promise.resolve(name === 'known' ? name : undefined);
  }
  // #endregion
}

describe.each([
  ['memory', () => ({})],
  ['a Keyv store', () => ({ stores: [new Keyv()] })],
])('values in %s', (_, options) => {
  let app: TestingModule;
  let reports: ReportsService;
  let story: EventStory;

  beforeEach(async () => {
    ({ app } = await start({ providers: [ReportsService] }, options()));
    reports = app.get(ReportsService);
    story = new EventStory(app.get(CacheEvents));
  });

  it('are frozen for all callers, the first one included', async () => {
    for (const report of [await reports.shared(), await reports.shared()]) {
      expect(() => report.rows.sort()).toThrow(TypeError);
      expect(() => report.madeAt.setFullYear(1999)).toThrow(TypeError);
      expect([...report.rows].sort((a, b) => a - b)).toEqual([1, 2, 3]);
    }
    expect(story.lines()).toContain('entry-served ReportsService.shared hit');
  });

  it("are each caller's own where that is declared", async () => {
    (await reports.ownCopy()).rows.push(4);

    expect((await reports.ownCopy()).rows).toEqual([3, 1, 2]);
  });

  it('keep the classes that have a codec', async () => {
    await reports.best();
    const { product, turnover } = await reports.best();

    expect(product).toBeInstanceOf(Product);
    expect(product.price).toBe('9.00 €');
    expect(turnover.cents).toBe(90_000n);
    expect(story.lines().at(-1)).toBe('entry-served ReportsService.best hit');
  });

  it('of a class without a codec are returned and not stored', async () => {
    const { product } = await reports.undeclared();

    expect(product).toBeInstanceOf(Product);
    expect(story.lines()).toContain('read-refused ReportsService.undeclared value-unstorable');
  });

  it('keep undefined, and leave out what unless names', async () => {
    await reports.find('unknown');
    await reports.find('unknown');

    expect(story.lines()).not.toContain('entry-served ReportsService.find hit');
    await reports.find('known');
    await reports.find('known');
    expect(story.lines().at(-1)).toBe('entry-served ReportsService.find hit');
  });
});
