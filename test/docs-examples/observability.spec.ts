import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, type INestApplication, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Cacheable,
  CacheCatalogue,
  CacheEvents,
  CacheMetrics,
  ConsistentCacheModule,
  DIAGNOSTICS_CHANNEL,
  NoCache,
  StaleTolerance,
  type CacheEvent,
} from 'nestjs-consistent-cache';
import type { Server } from 'node:http';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import request from 'supertest';

@Injectable()
class MeasuredService {
  @Cacheable({ consistency: 'eventual', scope: 'shared', owner: 'reporting', ttl: '5m' })
  @StaleTolerance({ onError: '1h', because: 'an old figure beats none (Reporting)' })
  async report(name: string): Promise<{ name: string }> {
    return Promise.resolve({ name });
  }

  @Cacheable({ consistency: 'eventual', scope: 'user', owner: 'reporting', ttl: '5m', userKey: (id: string) => id })
  async mine(id: string): Promise<string> {
    return Promise.resolve(id);
  }

  // #region noCache
  @NoCache({ because: 'account balance: regulated' })
  async balance(): Promise<number> {
    return Promise.resolve(42);
  }
  // #endregion
}

@Controller()
class MeasuredController {
  constructor(private readonly measured: MeasuredService) {}

  @Get('report')
  report() {
    return this.measured.report('sales');
  }

  @Get('mine')
  mine() {
    return this.measured.mine('ada');
  }

  @Get('balance')
  balance() {
    return this.measured.balance();
  }
}

// #region subscribe
@Injectable()
class CacheWatch {
  readonly alarms: string[] = [];

  constructor(events: CacheEvents) {
    events.subscribe((event) => {
      switch (event.type) {
        case 'wrong-entry':
        case 'eviction-failed':
          this.alarms.push(event.type);
          return;
        case 'load-slow':
          this.alarms.push(`slow: ${event.policy}`);
          return;
        case 'origin-suspended':
          this.alarms.push(`left alone: ${event.origin}`);
          return;
        default:
          return;
      }
    });
  }
}
// #endregion

// #region metrics
@Controller('metrics')
class MetricsController {
  constructor(
    private readonly metrics: CacheMetrics,
    private readonly catalogue: CacheCatalogue,
  ) {}

  @Get()
  text(): string {
    return Object.entries(this.metrics.figures())
      .flatMap(([policy, { hit, miss, loadMsP99 }]) => [
        `cache_hits{policy="${policy}"} ${hit}`,
        `cache_misses{policy="${policy}"} ${miss}`,
        `cache_load_ms{policy="${policy}",quantile="0.99"} ${loadMsP99}`,
      ])
      .join('\n');
  }

  @Get('owners')
  owners(): Record<string, string> {
    return Object.fromEntries(this.catalogue.list().map(({ name, owner }) => [name, owner]));
  }
}
// #endregion

let app: INestApplication<Server>;

beforeEach(async () => {
  const module = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ topology: 'single-process' })],
    controllers: [MeasuredController, MetricsController],
    providers: [MeasuredService, CacheWatch],
  }).compile();
  app = await module.createNestApplication<INestApplication<Server>>().init();
});

afterEach(async () => {
  await app.close();
});

describe('observability', () => {
  it('says in headers what a response is made of', async () => {
    const read = async (path: string) => (await request(app.getHttpServer()).get(path)).headers;

    await read('/report');
    expect(await read('/report')).toMatchObject({
      'cache-status': expect.stringMatching(/^nestjs-consistent-cache; hit; ttl=\d+; detail="MeasuredService.report"$/),
      age: '0',
    });
    expect((await read('/mine'))['cache-control']).toBe('private');
    const balance = await read('/balance');
    expect(balance['cache-control']).toBe('no-store');
    expect(balance['cache-status']).toBe('nestjs-consistent-cache; fwd=bypass; detail="MeasuredService.balance"');
  });

  it('counts by policy', async () => {
    await app.get(MeasuredService).report('sales');
    await app.get(MeasuredService).report('sales');

    const { text } = await request(app.getHttpServer()).get('/metrics');
    expect(text).toContain('cache_hits{policy="MeasuredService.report"} 1');
    expect(text).toMatch(/cache_load_ms\{policy="MeasuredService.report",quantile="0.99"\} [\d.]+/);
    expect((await request(app.getHttpServer()).get('/metrics/owners')).body).toEqual({
      'MeasuredService.mine': 'reporting',
      'MeasuredService.report': 'reporting',
    });
  });

  it('lists every cache with its promise', () => {
    expect(
      app
        .get(CacheCatalogue)
        .list()
        .find(({ name }) => name === 'MeasuredService.report'),
    ).toEqual({
      name: 'MeasuredService.report',
      place: '@Cacheable on MeasuredService.report',
      owner: 'reporting',
      consistency: 'eventual',
      promise: 'converges after the last write and is never older than ttl',
      scope: 'shared',
      ttlMs: 300_000,
      maxStalenessMs: 300_000,
      onErrorMs: 3_600_000,
      because: 'an old figure beats none (Reporting)',
      families: [],
      evictedBy: [],
    });
    expect(app.get(CacheCatalogue).neverStored()).toEqual([
      { place: '@NoCache on MeasuredService.balance', because: 'account balance: regulated' },
    ]);
  });

  it('publishes on a diagnostics channel', async () => {
    const seen: CacheEvent[] = [];
    // #region diagnostics
    const listener = (event: unknown) => seen.push(event as CacheEvent);
    subscribe(DIAGNOSTICS_CHANNEL, listener);
    // #endregion
    await app.get(MeasuredService).report('sales');
    unsubscribe(DIAGNOSTICS_CHANNEL, listener);

    expect(seen.map(({ type }) => type)).toEqual(['entry-missed', 'load-finished']);
  });

  it('is not disturbed by a listener that throws', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    app.get(CacheEvents).subscribe(() => {
      throw new Error('a listener of the application');
    });

    expect(await app.get(MeasuredService).report('sales')).toEqual({ name: 'sales' });
    expect(warning).toHaveBeenCalled();
    warning.mockRestore();
  });
});
