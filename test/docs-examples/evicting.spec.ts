import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import {
  Cacheable,
  CacheDefaults,
  CacheEvents,
  CacheEvict,
  CacheMetrics,
  ConsistentCache,
} from 'nestjs-consistent-cache';
import { EventStory } from 'nestjs-consistent-cache/testing';
import { start } from './start.js';

interface Article {
  readonly id: number;
  readonly author: string;
}

@Injectable()
class Articles {
  readonly rows = new Map<number, Article>([
    [1, { id: 1, author: 'ada' }],
    [2, { id: 2, author: 'bob' }],
  ]);
  loads = 0;
}

@Injectable()
@CacheDefaults({ owner: 'editors', scope: 'shared', consistency: 'strong' })
class ArticlesService {
  constructor(private readonly articles: Articles) {}

  // #region tags
  @Cacheable({ tags: { article: (id: number) => id } })
  async article(id: number): Promise<Article | undefined> {
    return this.find(id);
  }

  @Cacheable({ tags: { author: (name: string) => name, article: () => [] } })
  async byAuthor(name: string): Promise<Article[]> {
    return this.findBy(name);
  }
  // #endregion

  // #region result
  @CacheEvict({
    tags: { article: (id: number) => id },
    tagsOfResult: { author: (before: Article) => before.author },
  })
  @CacheEvict({ tags: { author: (_: number, author: string) => author } })
  async handOver(id: number, author: string): Promise<Article> {
    const before = await this.find(id);
    if (before === undefined) throw new Error('gone');
    this.articles.rows.set(id, { id, author });

    return before;
  }
  // #endregion

  // #region wide
  @CacheEvict({ families: ['article'], caches: ['ArticlesService.byAuthor'] })
  async reimport(rows: readonly Article[]): Promise<void> {
    for (const row of rows) await Promise.resolve(this.articles.rows.set(row.id, row));
  }
  // #endregion

  // #region before
  @CacheEvict({ tags: { article: (id: number) => id }, when: 'before' })
  @CacheEvict({ tags: { article: (id: number) => id } })
  async retract(id: number): Promise<void> {
    await Promise.resolve(this.articles.rows.delete(id));
  }
  // #endregion

  // #region condition
  @CacheEvict({ tags: { article: (id: number) => id }, condition: (_: number, dryRun: boolean) => !dryRun })
  async remove(id: number, dryRun: boolean): Promise<void> {
    if (!dryRun) await Promise.resolve(this.articles.rows.delete(id));
  }
  // #endregion

  private async find(id: number): Promise<Article | undefined> {
    this.articles.loads += 1;

    return Promise.resolve(this.articles.rows.get(id));
  }

  private async findBy(name: string): Promise<Article[]> {
    this.articles.loads += 1;

    return Promise.resolve([...this.articles.rows.values()].filter(({ author }) => author === name));
  }
}

// #region programmatic
@Injectable()
class ArticleFeed {
  constructor(private readonly cache: ConsistentCache) {}

  /** Called for every message of the editors' feed: the writer is another program. */
  async changed(ids: readonly number[]): Promise<void> {
    await this.cache.evict({ article: ids });
  }

  async lost(): Promise<void> {
    await this.cache.evictFamily('article', 'author');
  }
}
// #endregion

let app: TestingModule;
let articles: ArticlesService;
let origin: Articles;
let story: EventStory;

beforeEach(async () => {
  ({ app } = await start({ providers: [Articles, ArticlesService, ArticleFeed] }));
  articles = app.get(ArticlesService);
  origin = app.get(Articles);
  story = new EventStory(app.get(CacheEvents));
});

describe('evictions', () => {
  it('evicts by value, and what a result names', async () => {
    await articles.byAuthor('ada');
    await articles.byAuthor('bob');
    await articles.handOver(1, 'bob');

    expect(await articles.byAuthor('ada')).toEqual([]);
    expect((await articles.byAuthor('bob')).map(({ id }) => id)).toEqual([1, 2]);
  });

  it('evicts nothing when the method throws, unless it is told to evict before', async () => {
    await articles.article(1);
    await articles.handOver(9, 'ada').catch(() => undefined);
    story.clear();
    await articles.article(1);
    expect(story.lines()).toEqual(['entry-served ArticlesService.article hit']);

    story.clear();
    await articles.retract(1);
    expect(story.lines()).toEqual([
      'tags-evicted @CacheEvict on ArticlesService.retract',
      'tags-evicted @CacheEvict on ArticlesService.retract',
    ]);
  });

  it('evicts whole families and caches', async () => {
    await articles.article(1);
    await articles.byAuthor('ada');
    await articles.reimport([{ id: 1, author: 'cleo' }]);

    expect(await articles.article(1)).toEqual({ id: 1, author: 'cleo' });
    expect(await articles.byAuthor('ada')).toEqual([]);
  });

  it('leaves an eviction out when its condition says so', async () => {
    await articles.article(1);
    story.clear();
    await articles.remove(1, true);
    expect(story.lines()).toEqual([]);
    await articles.remove(1, false);
    expect(await articles.article(1)).toBeUndefined();
  });

  it('evicts by number what was cached by text, and the other way round', async () => {
    await articles.article(1);
    await app.get(ConsistentCache).evict({ article: '1' });
    story.clear();
    await articles.article(1);

    expect(story.lines()[0]).toBe('entry-missed ArticlesService.article superseded');
  });

  it('widens to the family when a value cannot be computed from the result', async () => {
    origin.rows.set(3, { id: 3, author: undefined as unknown as string });
    await articles.byAuthor('ada');
    await articles.handOver(3, 'bob');

    expect(story.lines()).toContain('eviction-widened @CacheEvict on ArticlesService.handOver author');
    expect(app.get(CacheMetrics).evictionFigures()).toMatchObject({ widened: 1 });
    story.clear();
    await articles.byAuthor('ada');
    expect(story.lines()[0]).toBe('entry-missed ArticlesService.byAuthor superseded');
  });

  it('evicts from code', async () => {
    await articles.article(1);
    await articles.article(2);
    await app.get(ArticleFeed).changed([1, 2]);
    await articles.article(1);
    await articles.article(2);
    await app.get(ArticleFeed).lost();

    expect(origin.loads).toBe(4);
    await expect(app.get(ConsistentCache).evict({ article: undefined as unknown as string })).rejects.toMatchObject({
      code: 'TAG_INVALID',
    });
  });
});
