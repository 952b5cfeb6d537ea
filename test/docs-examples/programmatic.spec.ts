import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { CacheCatalogue, CacheMetrics, ConsistentCache } from 'nestjs-consistent-cache';
import { start } from './start.js';

interface Weather {
  readonly city: string;
  readonly celsius: number;
}

// #region declare
@Injectable()
class WeatherClient {
  private readonly byCity;

  constructor(private readonly cache: ConsistentCache) {
    this.byCity = cache.declare<[city: string], Weather>({
      name: 'weather',
      owner: 'the weather office',
      consistency: 'bounded',
      scope: 'shared',
      tags: { city: (city) => city },
      tolerance: { max: '10m', onError: '6h', because: 'the office measures every ten minutes' },
    });
  }

  weatherIn(city: string): Promise<Weather> {
    return this.byCity.read([city], (asked) => this.fetch(asked));
  }

  async corrected(city: string): Promise<void> {
    await this.cache.evict({ city });
  }

  private async fetch(city: string): Promise<Weather> {
    return Promise.resolve({ city, celsius: 21 });
  }
}
// #endregion

let app: TestingModule;

beforeEach(async () => {
  ({ app } = await start({ providers: [WeatherClient] }));
});

describe('a cache without a decorator', () => {
  it('reads, evicts and stands in the catalogue', async () => {
    const client = app.get(WeatherClient);
    await client.weatherIn('Oslo');
    await client.weatherIn('Oslo');
    await client.corrected('Oslo');
    await client.weatherIn('Oslo');

    expect(app.get(CacheMetrics).figuresOf('weather')).toMatchObject({ hit: 1, miss: 2, loads: 2 });
    expect(app.get(CacheCatalogue).list()).toMatchObject([
      { name: 'weather', place: "ConsistentCache.declare('weather')", maxStalenessMs: 600_000, onErrorMs: 21_600_000 },
    ]);
  });

  it('is refused like any other', () => {
    const cache = app.get(ConsistentCache);
    const declaration = { name: 'prices', owner: 'pricing', consistency: 'bounded', scope: 'shared' } as const;

    expect(() => cache.declare(declaration)).toThrow('bounded needs its bound');
    expect(() => cache.declare({ ...declaration, name: 'weather', tolerance: { max: '1s', because: 'x' } })).toThrow(
      "there is another cache named 'weather'",
    );
  });
});
