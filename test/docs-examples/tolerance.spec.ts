import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Cacheable, CacheEvents, CacheEvict, ConsistentCache, StaleTolerance } from 'nestjs-consistent-cache';
import { EventStory, type ManualClock } from 'nestjs-consistent-cache/testing';
import { start } from './start.js';

@Injectable()
class Rates {
  down = false;
  cents = 100;
}

@Injectable()
class RatesService {
  constructor(private readonly rates: Rates) {}

  @Cacheable({ consistency: 'bounded', scope: 'shared', owner: 'treasury', tags: { rate: (pair: string) => pair } })
  @StaleTolerance({
    max: '10s',
    onError: '5m',
    because: 'a rate may lag 10 s; 5 min while the bank is down (Treasury)',
  })
  async rateOf(pair: string): Promise<{ pair: string; cents: number }> {
    if (this.rates.down) throw new Error('the bank does not answer');

    return Promise.resolve({ pair, cents: this.rates.cents });
  }

  // #region ttl
  @Cacheable({ consistency: 'bounded', scope: 'shared', owner: 'treasury', ttl: '2s' })
  @StaleTolerance({ max: '10s', because: 'a spread may lag 10 s (Treasury)' })
  async spreadOf(pair: string): Promise<number> {
    if (this.rates.down) throw new Error('the bank does not answer');

    return Promise.resolve(pair.length);
  }
  // #endregion

  @CacheEvict({ tags: { rate: (pair: string) => pair } })
  async corrected(pair: string): Promise<void> {
    await Promise.resolve(pair);
  }
}

@Injectable()
class Desk {
  constructor(
    private readonly rates: RatesService,
    private readonly cache: ConsistentCache,
  ) {}

  // #region tighten
  @StaleTolerance({ max: '1s', because: 'a quote is binding for the customer' })
  async quote(pair: string): Promise<number> {
    return (await this.rates.rateOf(pair)).cents;
  }
  // #endregion

  // #region with
  async settle(pair: string): Promise<number> {
    const { cents } = await this.cache.withTolerance({ max: 0, because: 'money moves at the rate of the moment' }, () =>
      this.rates.rateOf(pair),
    );

    return cents;
  }
  // #endregion
}

let app: TestingModule;
let clock: ManualClock;
let rates: RatesService;
let story: EventStory;

beforeEach(async () => {
  ({ app, clock } = await start({ providers: [Rates, RatesService, Desk] }));
  rates = app.get(RatesService);
  story = new EventStory(app.get(CacheEvents));
});

describe('tolerance', () => {
  it('serves at the bound, and loads one millisecond past it', async () => {
    await rates.rateOf('EURUSD');
    clock.advance('10s');
    await rates.rateOf('EURUSD');
    clock.advance('1ms');
    await rates.rateOf('EURUSD');

    expect(story.lines().filter((line) => !line.startsWith('load'))).toEqual([
      'entry-missed RatesService.rateOf absent',
      'entry-served RatesService.rateOf hit',
      'entry-missed RatesService.rateOf bound-exceeded',
    ]);
  });

  it('is tightened from above, and never loosened', async () => {
    await rates.rateOf('EURUSD');
    clock.advance('1001ms');
    story.clear();
    await app.get(Desk).quote('EURUSD');
    await app.get(Desk).settle('EURUSD');

    expect(story.lines()).toEqual([
      'entry-missed RatesService.rateOf demand-exceeded',
      'load-finished RatesService.rateOf stored',
      'entry-missed RatesService.rateOf demand-exceeded',
      'load-finished RatesService.rateOf stored',
    ]);
  });

  it('serves past max when the origin fails, as far as onError allows, and never what was evicted', async () => {
    await rates.rateOf('EURUSD');
    app.get(Rates).down = true;
    clock.advance('5m');
    story.clear();
    expect(await rates.rateOf('EURUSD')).toEqual({ pair: 'EURUSD', cents: 100 });
    expect(story.lines().at(-1)).toBe('entry-served RatesService.rateOf stale');

    clock.advance('1ms');
    await expect(rates.rateOf('EURUSD')).rejects.toThrow('the bank does not answer');
  });

  it('does not serve an evicted value when the origin fails', async () => {
    await rates.rateOf('EURUSD');
    await rates.corrected('EURUSD');
    app.get(Rates).down = true;

    await expect(rates.rateOf('EURUSD')).rejects.toThrow('the bank does not answer');
  });

  it('does not answer a demand for the origin with a stale value', async () => {
    await rates.rateOf('EURUSD');
    app.get(Rates).down = true;

    await expect(app.get(Desk).settle('EURUSD')).rejects.toThrow('the bank does not answer');
  });

  it('loads at ttl where it is shorter than max', async () => {
    await rates.spreadOf('EURUSD');
    clock.advance('2s');
    story.clear();
    await rates.spreadOf('EURUSD');

    expect(story.lines()[0]).toBe('entry-missed RatesService.spreadOf ttl-passed');
  });

  it('serves between ttl and max when the origin fails, also without onError', async () => {
    await rates.spreadOf('EURUSD');
    app.get(Rates).down = true;
    clock.advance('10s');
    expect(await rates.spreadOf('EURUSD')).toBe(6);
    expect(story.lines().at(-1)).toBe('entry-served RatesService.spreadOf stale');

    clock.advance('1ms');
    await expect(rates.spreadOf('EURUSD')).rejects.toThrow('the bank does not answer');
  });
});
