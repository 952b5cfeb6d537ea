import { beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { Cacheable, CacheDefaults, CacheEvents, CacheMetrics, type CacheEvent } from 'nestjs-consistent-cache';
import { start } from './start.js';

class Requester {
  constructor(
    readonly id: string,
    readonly trace: () => string,
  ) {}
}

@Injectable()
@CacheDefaults({ owner: 'search', scope: 'shared', consistency: 'eventual', ttl: '1m' })
class SearchService {
  @Cacheable({})
  async find(...terms: unknown[]): Promise<string> {
    return Promise.resolve(String(terms.length));
  }

  // #region key
  @Cacheable({ key: (_: Requester, text: string, page: number) => [text.trim().toLowerCase(), page] })
  async search(requester: Requester, text: string, page: number): Promise<string> {
    requester.trace();

    return Promise.resolve(`${text} ${page}`);
  }
  // #endregion

  @Cacheable({})
  async unkeyed(requester: Requester): Promise<string> {
    return Promise.resolve(requester.id);
  }

  // #region version
  @Cacheable({ version: 2 })
  async facets(category: string): Promise<{ name: string; count: number }[]> {
    return Promise.resolve([{ name: category, count: 1 }]);
  }
  // #endregion
}

let app: TestingModule;
let search: SearchService;

beforeEach(async () => {
  ({ app } = await start({ providers: [SearchService] }));
  search = app.get(SearchService);
});

const misses = (name: string) => app.get(CacheMetrics).figuresOf(`SearchService.${name}`).miss;

describe('keys', () => {
  it('tell types, missing arguments and structure apart', async () => {
    const calls = [
      [1],
      ['1'],
      [1n],
      [null],
      [undefined],
      [],
      ['a:b', 'c'],
      ['a', 'b:c'],
      [{}],
      [{ a: undefined }],
      [0],
      [-0],
      [new Date(0)],
      [new Date(0).toISOString()],
    ];
    for (const args of calls) await search.find(...args);

    expect(misses('find')).toBe(calls.length);
  });

  it('do not depend on the order of properties', async () => {
    await search.find({ a: 1, b: 2 });
    await search.find({ b: 2, a: 1 });

    expect(misses('find')).toBe(1);
  });

  it('come from a function where one is declared', async () => {
    await search.search(new Requester('ada', () => ''), 'Mugs ', 1);
    await search.search(new Requester('bob', () => ''), 'mugs', 1);

    expect(misses('search')).toBe(1);
  });

  it('are refused for what has no stable identity', async () => {
    const events: CacheEvent[] = [];
    app.get(CacheEvents).subscribe((event) => events.push(event));

    expect(await search.unkeyed(new Requester('ada', () => ''))).toBe('ada');
    expect(events).toMatchObject([
      {
        type: 'read-refused',
        because: 'argument-unkeyable',
        error: { code: 'KEY_ARGUMENT_UNKEYABLE', position: 1, kind: 'an instance of Requester' },
      },
    ]);
  });
});
