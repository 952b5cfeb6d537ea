import { beforeEach, describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  CacheEvict,
  CacheMetrics,
  ConsistentCache,
  NoCache,
} from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { firstValueFrom, from, mergeMap, Observable } from 'rxjs';
import { Deferred } from '../support/deferred.js';
import { start } from './start.js';

@Injectable()
@CacheDefaults({ owner: 'pricing', scope: 'shared', consistency: 'strong' })
class Prices {
  private readonly cents = new Map<string, number>();

  @Cacheable({ tags: { price: (sku: string) => sku } })
  async priceOf(sku: string): Promise<number> {
    return Promise.resolve(this.cents.get(sku) ?? 100);
  }

  @CacheEvict({ tags: { price: (sku: string) => sku } })
  async change(sku: string, cents: number): Promise<void> {
    this.cents.set(sku, cents);
    return Promise.resolve();
  }

  @NoCache({ because: 'a discount is for one customer and one moment' })
  async discount(): Promise<number> {
    return Promise.resolve(10);
  }
}

/** As DataLoader does: whoever asks first sees to the questions of all. */
@Injectable()
class Batch {
  private waiting: { readonly sku: string; readonly answer: Deferred<number> }[] = [];

  constructor(private readonly prices: Prices) {}

  load(sku: string): Promise<number> {
    if (this.waiting.length === 0) setImmediate(() => void this.run());
    const answer = new Deferred<number>();
    this.waiting.push({ sku, answer });

    return answer.promise;
  }

  private async run(): Promise<void> {
    for (const { sku, answer } of this.waiting.splice(0)) answer.resolve(await this.prices.priceOf(sku));
  }
}

@Injectable()
@CacheDefaults({ owner: 'storefront', scope: 'shared', consistency: 'strong' })
class Lists {
  private readonly gate = new Deferred();

  constructor(
    private readonly prices: Prices,
    private readonly batch: Batch,
  ) {}

  release(): void {
    this.gate.resolve();
  }

  // #region awaited
  @Cacheable({ evictedElsewhere: 'by the prices that it reads' })
  async total(skus: readonly string[]): Promise<number> {
    let cents = 0;
    for await (const sku of Readable.from(skus)) cents += await this.prices.priceOf(sku as string);

    return cents;
  }
  // #endregion

  @Cacheable({ evictedElsewhere: 'by the prices that it reads' })
  async later(sku: string): Promise<number> {
    await sleep(1);

    return new Promise((resolve, reject) => {
      setImmediate(() => {
        this.prices.priceOf(sku).then(resolve, reject);
      });
    });
  }

  @Cacheable({ evictedElsewhere: 'by the prices that it reads' })
  observed(skus: readonly string[]): Observable<number> {
    return from(skus).pipe(mergeMap((sku) => this.prices.priceOf(sku)));
  }

  // #region leftBehind
  /** Nobody waits for the second price, so it says nothing about the answer. */
  @Cacheable({ evictedElsewhere: 'by the price that it waits for' })
  async leftBehind(sku: string, other: string): Promise<number> {
    void this.gate.promise.then(() => this.prices.priceOf(other));

    return this.prices.priceOf(sku);
  }
  // #endregion

  @Cacheable({ evictedElsewhere: 'by the price that it reads' })
  async discounted(sku: string): Promise<number> {
    return (await this.prices.priceOf(sku)) - (await this.prices.discount());
  }

  @Cacheable({ evictedElsewhere: 'by the price that it reads' })
  async batched(sku: string): Promise<number> {
    return this.batch.load(sku);
  }

  @Cacheable({ evictedElsewhere: 'by the price that it reads' })
  async doubled(sku: string): Promise<number> {
    return 2 * (await this.prices.priceOf(sku));
  }

  /** Writes what it reads. */
  @Cacheable({ evictedElsewhere: 'by the price that it reads' })
  async raised(sku: string): Promise<number> {
    const cents = await this.prices.priceOf(sku);
    await this.prices.change(sku, cents + 1);

    return cents + 1;
  }

  /** Reads what it writes. */
  @CacheEvict({ tags: { price: (sku: string) => sku } })
  async lowered(sku: string): Promise<number> {
    const cents = await this.prices.priceOf(sku);
    await this.prices.change(sku, cents - 1);

    return this.prices.priceOf(sku);
  }
}

@Injectable()
class TaxedLists extends Lists {
  @Cacheable({ evictedElsewhere: 'by the price that it reads' })
  override async doubled(sku: string): Promise<number> {
    return 1 + (await super.doubled(sku));
  }
}

let app: TestingModule;
let prices: Prices;
let lists: Lists;
beforeEach(async () => {
  ({ app } = await start({ providers: [Prices, Batch, Lists, TaxedLists] }));
  prices = app.get(Prices);
  lists = app.get(Lists);
});

const hits = (cache: string) => app.get(CacheMetrics).figuresOf(cache).hit;

describe('what a load waits for', () => {
  it('is found out through streams, timers and Observables', async () => {
    const reads: Readonly<Record<string, () => Promise<number>>> = {
      'Lists.total': () => lists.total(['a', 'b']),
      'Lists.later': () => lists.later('b'),
      'Lists.observed': () => firstValueFrom(lists.observed(['b'])),
    };
    for (const [cache, read] of Object.entries(reads)) {
      await read();
      const before = await read();
      expect(hits(cache)).toBe(1);
      await prices.change('b', before + 1);
      const after = await read();

      expect([cache, after]).not.toEqual([cache, before]);
      expect(hits(cache)).toBe(1);
    }
  });

  it('does not go beyond the end of the load', async () => {
    await lists.leftBehind('a', 'b');
    lists.release();
    await prices.change('b', 1);
    await lists.leftBehind('a', 'b');

    expect(hits('Lists.leftBehind')).toBe(1);
  });

  it('keeps it from being stored where it is stored nowhere itself', async () => {
    await lists.discounted('a');
    await lists.discounted('a');

    expect(app.get(CacheMetrics).figuresOf('Lists.discounted')).toMatchObject({ hit: 0, loads: 2 });
  });

  it('is not found out in a batch that another load began', async () => {
    const both = () => Promise.all([lists.batched('a'), lists.batched('b')]);
    await both();
    await prices.change('b', 7);

    expect(await both()).toEqual([100, 100]);
  });
});

describe('caches around themselves', () => {
  it('an override that calls what it overrides is a cache over a cache', async () => {
    const taxed = app.get(TaxedLists);
    expect(await taxed.doubled('a')).toBe(201);
    await prices.change('a', 10);
    expect([await taxed.doubled('a'), await lists.doubled('a')]).toEqual([21, 20]);
  });

  it('a cached method that writes what it has read is stored, and already outdated', async () => {
    expect([await lists.raised('a'), await lists.raised('a')]).toEqual([101, 102]);
  });

  it('what is read in a method that evicts is evicted after it', async () => {
    const story = new EventStory(app.get(CacheEvents));
    expect(await lists.lowered('a')).toBe(99);
    expect(story.lines().at(-1)).toContain('tags-evicted');
    expect(await prices.priceOf('a')).toBe(99);
  });

  it('a demand that no entry meets is met by the origin, or is its error', async () => {
    await lists.doubled('a');
    const max0 = { max: 0, because: 'this asks for the origin' } as const;
    await app.get(ConsistentCache).withTolerance(max0, () => lists.doubled('a'));

    expect(app.get(CacheMetrics).figuresOf('Prices.priceOf')).toMatchObject({ loads: 2 });
  });
});
