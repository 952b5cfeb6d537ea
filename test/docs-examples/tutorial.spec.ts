import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuditFailedError, CacheEvents, Clock } from 'nestjs-consistent-cache';
import { EventStory, ManualClock } from 'nestjs-consistent-cache/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from 'node:http';
import request from 'supertest';
import { AppModule } from './tutorial/app.module.js';
import { AppModule as CarelessModule } from './tutorial/careless.js';
import { RecipesTable } from './tutorial/recipes.js';
import { RecipesService } from './tutorial/recipes.service.js';

let app: INestApplication<Server> | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

it('refuses the careless service with the words that the tutorial shows', async () => {
  app = (await Test.createTestingModule({ imports: [CarelessModule] }).compile()).createNestApplication();
  const error: unknown = await app.init().catch((reason: unknown) => reason);

  const { name, message } = error as AuditFailedError;
  const page = readFileSync(join(import.meta.dirname, '../../docs/tutorial/ten-minutes.md'), 'utf8');
  expect(page).toContain(`${name}: ${message}`);
});

describe('the finished service', () => {
  // #region test
  it('asks the table once, and again after a rename', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(Clock)
      .useValue(new ManualClock())
      .compile();
    await module.init();
    const recipes = module.get(RecipesService);
    const story = new EventStory(module.get(CacheEvents));

    await recipes.recipe('bread');
    await recipes.recipe('bread');
    await recipes.rename('bread', 'Sourdough');

    expect(await recipes.recipe('bread')).toEqual({ id: 'bread', title: 'Sourdough' });
    expect(module.get(RecipesTable).queries).toBe(2);
    expect(story.lines()).toEqual([
      'entry-missed RecipesService.recipe absent',
      'load-finished RecipesService.recipe stored',
      'entry-served RecipesService.recipe hit',
      'tags-evicted @CacheEvict on RecipesService.rename',
      'entry-missed RecipesService.recipe superseded',
      'load-finished RecipesService.recipe stored',
    ]);
  });
  // #endregion

  it('keeps a suggestion for its user, and for nobody when nobody is known', async () => {
    const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = await module.createNestApplication<INestApplication<Server>>().init();
    const server = app.getHttpServer();
    const suggest = (user?: string) => {
      const get = request(server).get('/recipes/suggestion');
      return user === undefined ? get : get.set('x-user', user);
    };
    await suggest('ada');
    expect((await suggest('ada')).headers).toMatchObject({
      'cache-status': expect.stringContaining('; hit; '),
      'cache-control': 'private',
    });
    expect((await suggest('bob')).headers['cache-status']).toContain('fwd=miss');
    expect((await suggest()).headers['cache-status']).toContain('fwd=bypass');
    const { body } = await request(server).get('/caches');
    expect(body).toContainEqual({
      name: 'RecipesService.suggestion',
      owner: 'kitchen',
      consistency: 'eventual',
      scope: 'user',
      evictedBy: [],
      hit: 1,
      miss: 2,
      refused: 1,
    });
  });
});
