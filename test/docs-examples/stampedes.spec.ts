import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  CacheMetrics,
  ConsistentCacheModule,
  StaleTolerance,
} from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { Deferred } from '../support/deferred.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { startRedis } from '../support/redis-server.js';
import { start } from './start.js';

interface Page {
  readonly section: string;
}

@Injectable()
class Newsroom {
  readonly loaded: string[] = [];
  gate: Deferred | undefined;

  async edit(section: string): Promise<Page> {
    this.loaded.push(section);
    await this.gate?.promise;

    return { section };
  }

  async frontPages(): Promise<readonly string[]> {
    return Promise.resolve(['world', 'sports']);
  }
}

@Injectable()
@CacheDefaults({ owner: 'the newsroom', scope: 'shared', consistency: 'bounded' })
class PagesService {
  constructor(private readonly newsroom: Newsroom) {}

  // #region early
  @Cacheable({ refresh: { early: true, jitter: 0.1 } })
  @StaleTolerance({ max: '1m', because: 'a section may lag a minute (Newsroom)' })
  async section(name: string): Promise<Page> {
    return this.newsroom.edit(name);
  }
  // #endregion

  // #region warmUp
  @Cacheable({
    warmUp: {
      async calls(this: PagesService) {
        return (await this.newsroom.frontPages()).map((name): [string] => [name]);
      },
      concurrency: 2,
      readyWithin: '5s',
      keepWarm: true,
    },
  })
  @StaleTolerance({ max: '1m', because: 'a front page may lag a minute (Newsroom)' })
  async frontPage(name: string): Promise<Page> {
    return this.newsroom.edit(name);
  }
  // #endregion

  // #region oncePer
  @Cacheable({ load: { oncePer: 'process' } })
  @StaleTolerance({ max: '1m', because: 'a teaser may lag a minute (Newsroom)' })
  async teaser(name: string): Promise<Page> {
    return this.newsroom.edit(name);
  }
  // #endregion
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let app: TestingModule | undefined;
afterEach(() => app?.close());

describe('stampedes', () => {
  it('loads an entry anew before it expires, while it goes on answering', async () => {
    const started = await start({ providers: [Newsroom, PagesService] });
    app = started.app;
    const { clock } = started;
    const newsroom = app.get(Newsroom);
    const pages = app.get(PagesService);
    newsroom.gate = new Deferred();
    const first = pages.section('arts');
    await settled();
    clock.advance('10s');
    newsroom.gate.resolve();
    await first;
    newsroom.gate = undefined;
    const story = new EventStory(app.get(CacheEvents));
    const isLoadedAnew = () => story.lines().includes('refresh-begun PagesService.section expires-early');

    // A load of ten seconds: that none of these reads draws it has a chance of one in ten thousand billions.
    for (let tenth = 0; tenth < 440 && !isLoadedAnew(); tenth += 1) {
      await pages.section('arts');
      clock.advance('100ms');
    }
    await settled();

    expect(isLoadedAnew()).toBe(true);
    expect(newsroom.loaded.filter((name) => name === 'arts')).toHaveLength(2);
    expect(story.lines().filter((line) => line.startsWith('entry-missed'))).toEqual([]);
  });

  it('is warm before anybody asks, and stays so', async () => {
    const started = await start({ providers: [Newsroom, PagesService] });
    app = started.app;
    const newsroom = app.get(Newsroom);
    expect(newsroom.loaded).toEqual(['world', 'sports']);

    for (let minute = 0; minute < 3; minute += 1) {
      for (let second = 0; second < 60; second += 1) {
        started.clock.advance('1s');
        await settled();
      }
      const before = newsroom.loaded.length;
      await app.get(PagesService).frontPage('world');
      expect(newsroom.loaded).toHaveLength(before);
    }
  });
});

describeWithRedis('stampedes among instances', () => {
  it('load once for all of them, or once for each where that is declared', async () => {
    const redis = await startRedis();
    const newsroom = new Newsroom();
    const instances = await Promise.all([1, 2, 3].map(async () => instance(redis.url, newsroom)));
    newsroom.loaded.length = 0;
    const crowd = (read: (pages: PagesService) => Promise<Page>) =>
      Promise.all(instances.flatMap((each) => Array.from({ length: 10 }, () => read(each.get(PagesService)))));

    await crowd((pages) => pages.section('arts'));
    expect(newsroom.loaded).toEqual(['arts']);
    expect(figures('PagesService.section')).toEqual({ loads: 1, joined: 29 });

    newsroom.gate = new Deferred();
    const teasers = crowd((pages) => pages.teaser('film'));
    while (newsroom.loaded.length < 4) await settled();
    newsroom.gate.resolve();
    await teasers;
    expect(figures('PagesService.teaser')).toEqual({ loads: 3, joined: 27 });

    for (const each of instances) await each.close();
    await redis.stop();

    function figures(policy: string): { readonly loads: number; readonly joined: number } {
      const all = instances.map((each) => each.get(CacheMetrics).figuresOf(policy));

      return {
        loads: all.reduce((sum, { loads }) => sum + loads, 0),
        joined: all.reduce((sum, { joined }) => sum + joined, 0),
      };
    }
  });

  async function instance(url: string, newsroom: Newsroom): Promise<TestingModule> {
    const module = await Test.createTestingModule({
      imports: [
        ConsistentCacheModule.forRoot({
          sharedStore: redisStore({ url }),
          subjectSecret: 'the same in every instance',
        }),
      ],
      providers: [PagesService, { provide: Newsroom, useValue: newsroom }],
    }).compile();

    return module.init();
  }
});
