import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Cacheable, CacheDefaults, CacheEvents, CacheEvict, StaleTolerance } from 'nestjs-consistent-cache';
import { EventStory, type ManualClock } from 'nestjs-consistent-cache/testing';
import { Deferred } from '../support/deferred.js';
import { start } from './start.js';

interface Forecast {
  readonly city: string;
}

@Injectable()
class Stations {
  measurements = 0;
  gate: Deferred | undefined;
  readonly known = new Set(['Oslo']);

  async measure(city: string): Promise<Forecast | undefined> {
    this.measurements += 1;
    await this.gate?.promise;

    return this.known.has(city) ? { city } : undefined;
  }
}

@Injectable()
@CacheDefaults({ owner: 'the weather office', scope: 'shared', consistency: 'bounded' })
class WeatherService {
  constructor(private readonly stations: Stations) {}

  // #region whileStale
  @Cacheable({ ttl: '10s', refresh: { whileStale: true } })
  @StaleTolerance({ max: '5m', because: 'the weather may lag five minutes (Weather office)' })
  async forecast(city: string): Promise<Forecast | undefined> {
    return this.stations.measure(city);
  }
  // #endregion

  // #region softLimit
  @Cacheable({ ttl: '10s', load: { softLimit: '200ms', deadline: '5s' } })
  @StaleTolerance({ max: '5m', because: 'a warning may lag five minutes (Weather office)' })
  async warnings(city: string): Promise<Forecast | undefined> {
    return this.stations.measure(city);
  }
  // #endregion

  // #region negative
  @Cacheable({ tags: { station: (city: string) => city }, negative: { ttl: '5s' } })
  @StaleTolerance({ max: '1h', because: 'stations do not move (Weather office)' })
  async station(city: string): Promise<Forecast | undefined> {
    return this.stations.measure(city);
  }

  @CacheEvict({ tags: { station: (city: string) => city } })
  async open(city: string): Promise<void> {
    await Promise.resolve(this.stations.known.add(city));
  }
  // #endregion

  // #region when
  @Cacheable({ negative: { ttl: '5s', when: (cities: readonly string[]) => cities.length === 0 } })
  @StaleTolerance({ max: '1h', because: 'stations do not move (Weather office)' })
  async search(text: string): Promise<readonly string[]> {
    await this.stations.measure(text);

    return [...this.stations.known].filter((city) => city.startsWith(text));
  }
  // #endregion

  // #region errors
  @Cacheable({
    tags: { station: (city: string) => city },
    negative: { ttl: '5s', errors: (error) => error instanceof NotFoundException },
  })
  @StaleTolerance({ max: '1h', because: 'stations do not move (Weather office)' })
  async stationOrNone(city: string): Promise<Forecast> {
    const station = await this.stations.measure(city);
    if (station === undefined) throw new NotFoundException(`No station in ${city}`);

    return station;
  }
  // #endregion
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let app: TestingModule;
let clock: ManualClock;
let stations: Stations;
let weather: WeatherService;
let story: EventStory;

beforeEach(async () => {
  ({ app, clock } = await start({ providers: [Stations, WeatherService] }));
  stations = app.get(Stations);
  weather = app.get(WeatherService);
  story = new EventStory(app.get(CacheEvents));
});

describe('staleness', () => {
  it('answers past the ttl and loads in the background', async () => {
    await weather.forecast('Oslo');
    clock.advance('10s');
    story.clear();
    await weather.forecast('Oslo');
    await settled();

    expect(story.lines()).toEqual([
      'refresh-begun WeatherService.forecast stale-within-bound',
      'entry-served WeatherService.forecast stale',
      'load-finished WeatherService.forecast stored',
    ]);
    clock.advance('5m');
    clock.advance('1ms');
    story.clear();
    await weather.forecast('Oslo');
    expect(story.lines()[0]).toBe('entry-missed WeatherService.forecast bound-exceeded');
  });

  it('waits for a load no longer than the soft limit where an entry could answer', async () => {
    await weather.warnings('Oslo');
    clock.advance('10s');
    stations.gate = new Deferred();
    story.clear();
    const answer = weather.warnings('Oslo');
    await settled();
    clock.advance('200ms');
    await answer;
    stations.gate.resolve();
    await settled();

    expect(story.lines()).toEqual([
      'entry-missed WeatherService.warnings ttl-passed',
      'entry-served WeatherService.warnings stale',
      'load-finished WeatherService.warnings stored',
    ]);
  });

  it('remembers for a while that there is nothing, unless it is evicted', async () => {
    expect(await weather.station('Bergen')).toBeUndefined();
    clock.advance('4999ms');
    await weather.station('Bergen');
    expect(stations.measurements).toBe(1);

    await weather.open('Bergen');
    expect(await weather.station('Bergen')).toEqual({ city: 'Bergen' });
    clock.advance('59m');
    await weather.station('Bergen');
    expect(stations.measurements).toBe(2);
  });

  it('lets the policy say what counts as nothing', async () => {
    expect(await weather.search('Ber')).toEqual([]);
    expect(await weather.search('Os')).toEqual(['Oslo']);
    clock.advance('5s');
    await weather.search('Ber');
    await weather.search('Os');

    expect(stations.measurements).toBe(3);
  });

  it('repeats an error that says that there is nothing', async () => {
    await expect(weather.stationOrNone('Bergen')).rejects.toThrow('No station in Bergen');
    story.clear();
    await expect(weather.stationOrNone('Bergen')).rejects.toThrow('No station in Bergen');

    expect(stations.measurements).toBe(1);
    expect(story.lines()).toEqual([
      'entry-missed WeatherService.stationOrNone absent',
      'load-joined WeatherService.stationOrNone',
    ]);
  });
});
