import 'reflect-metadata';
import { Body, Controller, Get, Injectable, Logger, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  CacheEvict,
  CacheMetrics,
  ConsistentCacheModule,
  StaleTolerance,
  type CacheFigures,
} from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import type { OriginAnswer } from './counting-origin.js';
import { CallerTally, Traffic, type TrafficReport } from './traffic.js';

/*
 * One process of an application whose caches share a Redis, with an origin that counts. The test says over HTTP who reads
 * what: a crowd at once, or traffic at a steady rate.
 */

const { ORIGIN_URL = '', REDIS_URL = '' } = process.env;

async function ask(cache: string, key: string): Promise<OriginAnswer> {
  const response = await fetch(`${ORIGIN_URL}/${cache}/${key}`, { headers: { 'x-pid': String(process.pid) } });

  return (await response.json()) as OriginAnswer;
}

const because = 'a test says so';
/** Long enough that a machine which is busy with other tests does not skip the whole of an entry's last part. */
const HOT = { consistency: 'eventual', ttl: '1500ms' } as const;
const STOCK = { consistency: 'strong', tags: { stock: (key: string) => key } } as const;

/** Each method is a cache, and asks the origin under its own name. */
@Injectable()
@CacheDefaults({ owner: 'tests', scope: 'shared' })
class Caches {
  @Cacheable({ consistency: 'bounded', tags: { price: (key: string) => key } })
  @StaleTolerance({ max: '1m', because })
  bounded(key: string): Promise<OriginAnswer> {
    return ask('bounded', key);
  }

  @Cacheable(STOCK)
  strong(key: string): Promise<OriginAnswer> {
    return ask('strong', key);
  }

  @CacheEvict({ tags: { stock: (key: string) => key } })
  async change(key: string): Promise<void> {
    await fetch(`${ORIGIN_URL}/strong/${key}`, { method: 'PUT' });
  }

  @Cacheable({ consistency: 'eventual', ttl: '1m' })
  eventual(key: string): Promise<OriginAnswer> {
    return ask('eventual', key);
  }

  @Cacheable({ ...STOCK, load: { origin: 'small' } })
  limited(key: string): Promise<OriginAnswer> {
    return ask('limited', key);
  }

  @Cacheable(STOCK)
  unlimited(key: string): Promise<OriginAnswer> {
    return ask('unlimited', key);
  }

  @Cacheable(HOT)
  hot(key: string): Promise<OriginAnswer> {
    return ask('hot', key);
  }

  @Cacheable({ ...HOT, load: { oncePer: 'process' } })
  hotInEach(key: string): Promise<OriginAnswer> {
    return ask('hotInEach', key);
  }

  @Cacheable({ ...HOT, refresh: { early: true } })
  hotEarly(key: string): Promise<OriginAnswer> {
    return ask('hotEarly', key);
  }

  @Cacheable(HOT)
  pages(key: string): Promise<OriginAnswer> {
    return ask('pages', key);
  }

  @Cacheable({ ...HOT, refresh: { jitter: 0.6 } })
  pagesJittered(key: string): Promise<OriginAnswer> {
    return ask('pagesJittered', key);
  }

  @Cacheable({ consistency: 'bounded', ttl: '2s', refresh: { whileStale: true } })
  @StaleTolerance({ max: '3s', because })
  whileStale(key: string): Promise<OriginAnswer> {
    return ask('whileStale', key);
  }
}

export type CacheName = Exclude<keyof Caches, 'change'>;

/** Everybody reads the same key, in one tick. */
export interface CrowdOrder {
  readonly cache: CacheName;
  readonly key: string;
  readonly callers: number;
}

export interface TrafficOrder {
  /** How many keys of each cache are read in turn. */
  readonly keysOf: Readonly<Partial<Record<CacheName, number>>>;
  /** Reads of each cache. */
  readonly perSecond: number;
}

export type ProcessFigures = Readonly<Partial<Record<CacheName, CacheFigures>>>;

@Controller()
class OrdersController {
  private traffic: Traffic | undefined;

  constructor(
    private readonly caches: Caches,
    private readonly metrics: CacheMetrics,
    private readonly events: CacheEvents,
  ) {}

  @Post('crowds')
  async crowd(@Body() { cache, key, callers }: CrowdOrder): Promise<CallerTally> {
    const tally = new CallerTally();
    await Promise.all(Array.from({ length: callers }, () => tally.note(() => this.caches[cache](key))));

    return tally;
  }

  @Post('changes/:key')
  change(@Param('key') key: string): Promise<void> {
    return this.caches.change(key);
  }

  @Post('traffic')
  begin(@Body() { keysOf, perSecond }: TrafficOrder): void {
    const reads = Object.entries(keysOf).map(([cache, keys]) => ({
      cache,
      read: (index: number) => this.caches[cache as CacheName](String(index % keys)),
    }));
    this.traffic = new Traffic(reads, perSecond, this.events);
  }

  @Post('traffic/end')
  async end(): Promise<TrafficReport | undefined> {
    const report = await this.traffic?.end();
    this.traffic = undefined;

    return report;
  }

  @Get('figures')
  figures(): ProcessFigures {
    const entries = Object.entries(this.metrics.figures()).map(([policy, each]) => [policy.split('.').at(-1), each]);

    return Object.fromEntries(entries) as ProcessFigures;
  }
}

@Module({
  imports: [
    ConsistentCacheModule.forRoot({
      sharedStore: redisStore({ url: REDIS_URL }),
      subjectSecret: 'the same in every process',
      // A busy machine is no outage; a Redis that is gone is noticed at once.
      storeDeadline: '2s',
      origins: { small: { concurrency: 5, queue: 50, queueDeadline: '500ms', breaker: false } },
    }),
  ],
  controllers: [OrdersController],
  providers: [Caches],
})
class UnderLoadModule {}

Logger.overrideLogger(['error']);
const app = await NestFactory.create(UnderLoadModule);
await app.listen(0, '127.0.0.1');
console.log(`open at ${await app.getUrl()}`);
