import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Scope, type LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  Cacheable,
  Clock,
  ConsistentCacheModule,
  StaleTolerance,
  type ConsistentCacheOptions,
} from 'nestjs-consistent-cache';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { Deferred } from '../support/deferred.js';

const BASE = { consistency: 'bounded', scope: 'shared', owner: 'tests' } as const;
const TOLERANCE = { max: '8s', because: 'a test says so' } as const;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

@Injectable()
class Pages {
  readonly loaded: string[] = [];
  readonly hot = ['a', 'b', 'c'];
  gate: Deferred | undefined;
  most = 0;
  private running = 0;

  @Cacheable({
    ...BASE,
    tags: { page: (path: string) => path },
    warmUp: {
      calls(this: Pages) {
        return this.hot.map((path): [string] => [path]);
      },
      concurrency: 2,
      readyWithin: '5s',
      keepWarm: true,
    },
  })
  @StaleTolerance(TOLERANCE)
  async page(path: string): Promise<string> {
    this.loaded.push(path);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await this.gate?.promise;
    this.running -= 1;
    if (path === 'broken') throw new Error('no such page');

    return `page ${path}`;
  }
}

let close: (() => Promise<void>) | undefined;
afterEach(() => close?.());

async function start(options: { prepare?: (pages: Pages) => void; module?: ConsistentCacheOptions } = {}) {
  const clock = new ManualClock();
  const said: string[] = [];
  const say = (message: string): number => said.push(message);
  const log: LoggerService = { log: say, warn: say, error: say };
  const app = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ topology: 'single-process', ...options.module })],
    providers: [Pages],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger(log)
    .compile();
  const pages = app.get(Pages);
  options.prepare?.(pages);
  close = () => app.close();
  const ready = app.init();

  return { clock, pages, ready, said: () => said.filter((line) => line.includes('Pages.page')) };
}

describe('a cache that is to be warm', () => {
  it('is loaded at the start, so many calls at a time, and says so', async () => {
    const { pages, ready, said } = await start();
    await ready;
    expect(pages.loaded).toEqual(['a', 'b', 'c']);
    expect(pages.most).toBe(2);
    await pages.page('b');

    expect(pages.loaded).toHaveLength(3);
    expect(said()).toEqual([
      'Warming up Pages.page: 3 calls, 2 at a time',
      '3 of 3 calls of Pages.page are warm after 0 ms',
    ]);
  });

  it('does not keep the start waiting for longer than declared', async () => {
    const gate = new Deferred();
    const { clock, ready, pages } = await start({ prepare: (each) => (each.gate = gate) });
    let isReady = false;
    void ready.then(() => (isReady = true));
    await settled();
    clock.advance('4999ms');
    await settled();
    expect(isReady).toBe(false);
    clock.advance('1ms');
    await ready;

    expect(pages.loaded).toEqual(['a', 'b']);
    gate.resolve();
    await settled();
    expect(pages.loaded).toEqual(['a', 'b', 'c']);
  });

  it('starts all the same when a call fails, or when its calls cannot be named', async () => {
    const failing = await start({ prepare: (pages) => pages.hot.push('broken') });
    await failing.ready;
    expect(failing.said()[1]).toContain('3 of 4 calls of Pages.page are warm after 0 ms; 1 failed');
    await close?.();

    const unnamed = await start({ prepare: (pages) => Object.assign(pages, { hot: undefined }) });
    await unnamed.ready;
    expect(unnamed.said()[0]).toContain('Pages.page is not warmed up, because its calls cannot be named');
  });

  it('stays warm: what it holds is loaded anew before it expires', async () => {
    const { clock, pages, ready } = await start();
    await ready;
    for (let second = 1; second <= 60; second += 1) {
      clock.advance('1s');
      await settled();
      const before = pages.loaded.length;
      expect(await pages.page('a')).toBe('page a');
      expect(pages.loaded).toHaveLength(before);
    }

    expect(pages.loaded.filter((path) => path === 'a').length).toBeGreaterThan(5);
  });

  it('is not loaded where caching is off', async () => {
    const { pages, ready } = await start({ module: { enabled: false } });
    await ready;

    expect(pages.loaded).toEqual([]);
  });

  it('is refused where nobody can say for whom', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Cacheable({ ...BASE, requestIndependent: 'a test says so', warmUp: { calls: () => [[]] } })
      @StaleTolerance(TOLERANCE)
      page(): Promise<string> {
        return Promise.resolve('page');
      }
    }
    class PerUser {
      @Cacheable({ ...BASE, scope: 'user', warmUp: { calls: () => [[]] } })
      @StaleTolerance(TOLERANCE)
      page(): Promise<string> {
        return Promise.resolve('page');
      }
    }
    const app = await Test.createTestingModule({
      imports: [
        ConsistentCacheModule.forRoot({ topology: 'single-process', identity: { ambient: () => ({ user: 'u' }) } }),
      ],
      providers: [PerRequest, PerUser],
    }).compile();

    const error = (await app.init().catch((each: unknown) => each)) as Error;
    expect(error.message).toContain('its provider is made anew for each request');
    expect(error.message).toContain('only a caller could say whose they are');
  });
});
