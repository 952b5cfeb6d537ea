import { once } from 'node:events';
import { get, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, HttpException, type INestApplication, Injectable, Param, Res } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { Response } from 'express';
import {
  Cacheable,
  CacheDefaults,
  CacheMetrics,
  Clock,
  ConsistentCacheModule,
  LoadContext,
  OriginOverloadedError,
  type ConsistentCacheOptions,
} from 'nestjs-consistent-cache';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { Deferred } from '../support/deferred.js';

// #region origins
const OPTIONS: ConsistentCacheOptions = {
  topology: 'single-process',
  origins: {
    maps: { concurrency: 10, queue: 40, queueDeadline: '300ms', breaker: { failures: 5, pause: '5s' } },
  },
};
// #endregion

/** Somebody else's service, of which every call waits until the test lets it go. */
@Injectable()
class Maps {
  readonly calls: { readonly answer: Deferred<string>; readonly signal: AbortSignal }[] = [];

  ask(signal: AbortSignal): Promise<string> {
    const answer = new Deferred<string>();
    this.calls.push({ answer, signal });

    return answer.promise;
  }
}

class BadAddress extends Error {}

@Injectable()
@CacheDefaults({ owner: 'the map service', scope: 'shared', consistency: 'eventual', ttl: '1h' })
class PlacesService {
  constructor(
    private readonly maps: Maps,
    private readonly loads: LoadContext,
  ) {}

  // #region policy
  @Cacheable({ load: { concurrency: 2, queue: 4, queueDeadline: '500ms', breaker: false } })
  async distance(from: string, to: string): Promise<string> {
    return `${await this.maps.ask(this.loads.signal())}: ${from} to ${to}`;
  }
  // #endregion

  // #region deadline
  @Cacheable({ load: { origin: 'maps', deadline: '2s', slowAfter: '500ms' } })
  async find(address: string): Promise<string> {
    return `${await this.maps.ask(this.loads.signal())}: ${address}`;
  }
  // #endregion

  // #region isFailure
  @Cacheable({ load: { breaker: { failures: 3 }, isFailure: (error) => !(error instanceof BadAddress) } })
  async postcodeOf(address: string): Promise<string> {
    if (address === '') throw new BadAddress('an address is needed');

    return `${await this.maps.ask(this.loads.signal())}: ${address}`;
  }
  // #endregion
}

// #region withSignal
@Controller('places')
class PlacesController {
  constructor(
    private readonly places: PlacesService,
    private readonly loads: LoadContext,
  ) {}

  @Get(':address')
  find(@Param('address') address: string, @Res({ passthrough: true }) response: Response): Promise<string> {
    const gone = new AbortController();
    response.once('close', () => {
      // Also closed: a response that has been sent.
      if (!response.writableFinished) gone.abort(new HttpException('The client has gone', 499));
    });

    return this.loads.withSignal(gone.signal, () => this.places.find(address));
  }
}
// #endregion

const told = (error: unknown): string => {
  if (!(error instanceof OriginOverloadedError)) throw error;

  return `${error.code} ${error.because}`;
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let app: INestApplication<Server>;
const clock = new ManualClock();
let maps: Maps;
let places: PlacesService;

beforeEach(async () => {
  const module = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot(OPTIONS)],
    controllers: [PlacesController],
    providers: [Maps, PlacesService],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  app = await module.createNestApplication<INestApplication<Server>>().init();
  maps = app.get(Maps);
  places = app.get(PlacesService);
});
afterEach(() => app.close());

describe('overload', () => {
  it('lets so many loads run and so many wait', async () => {
    const outcomes: Promise<string>[] = [];
    for (let each = 0; each < 7; each += 1) {
      outcomes.push(places.distance('here', `${each}`).catch(told));
    }
    await settled();
    expect(maps.calls).toHaveLength(2);
    clock.advance('500ms');
    for (const { answer } of maps.calls) answer.resolve('1 km');

    expect(await Promise.all(outcomes)).toEqual([
      '1 km: here to 0',
      '1 km: here to 1',
      ...Array.from({ length: 4 }, () => 'ORIGIN_OVERLOADED waited-too-long'),
      'ORIGIN_OVERLOADED queue-full',
    ]);
    expect(app.get(CacheMetrics).figuresOf('PlacesService.distance').loadsRejected).toBe(5);
  });

  it('gives a load up at its deadline, and tells it so', async () => {
    const late = places.find('nowhere');
    late.catch(() => undefined);
    await settled();
    clock.advance('2s');

    await expect(late).rejects.toMatchObject({ code: 'LOAD_TIMED_OUT', deadlineMs: 2_000 });
    expect(maps.calls[0]?.signal.aborted).toBe(true);
  });

  it('counts as failures what the policy says', async () => {
    for (let each = 0; each < 4; each += 1) await expect(places.postcodeOf('')).rejects.toThrow(BadAddress);
    const answer = places.postcodeOf('here');
    await settled();
    maps.calls[0]?.answer.resolve('0150');

    expect(await answer).toBe('0150: here');
  });

  it('ends a load when the last client that waits for it has gone', async () => {
    await app.listen(0, '127.0.0.1');
    const browser = get(`${await app.getUrl()}/places/oslo`, { agent: false });
    browser.on('error', () => undefined);
    while (maps.calls.length === 0) await settled();
    const signal = maps.calls[0]?.signal ?? AbortSignal.abort();
    expect(signal.aborted).toBe(false);
    browser.destroy();
    await once(signal, 'abort');

    expect(signal.reason).toMatchObject({ message: 'The client has gone' });
  });
});
