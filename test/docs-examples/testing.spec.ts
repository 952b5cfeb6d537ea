// #region story
import { beforeEach, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { CacheEvents, Clock, ConsistentCacheModule } from 'nestjs-consistent-cache';
import { EventStory, ManualClock } from 'nestjs-consistent-cache/testing';
import { PricesService } from './quick-start/prices.service.js';

let app: TestingModule;
const clock = new ManualClock();

beforeEach(async () => {
  app = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ topology: 'single-process' })],
    providers: [PricesService],
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  await app.init();
});

it('serves a price for five seconds, and loads it one millisecond later', async () => {
  const prices = app.get(PricesService);
  const story = new EventStory(app.get(CacheEvents));

  await prices.priceOf('mug');
  clock.advance('5s');
  await prices.priceOf('mug');
  clock.advance('1ms');
  await prices.priceOf('mug');

  expect(story.lines()).toEqual([
    'entry-missed PricesService.priceOf absent',
    'load-finished PricesService.priceOf stored',
    'entry-served PricesService.priceOf hit',
    'entry-missed PricesService.priceOf bound-exceeded',
    'load-finished PricesService.priceOf stored',
  ]);
});
// #endregion

// #region off
it('calls the method every time with the cache switched off', async () => {
  const off = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ topology: 'single-process', enabled: false })],
    providers: [PricesService],
  }).compile();
  await off.init();
  const story = new EventStory(off.get(CacheEvents));

  await off.get(PricesService).priceOf('mug');
  await off.get(PricesService).changePrice('mug', 950);

  expect(story.lines()).toEqual([]);
  expect(await off.get(PricesService).priceOf('mug')).toEqual({ sku: 'mug', cents: 950 });
});
// #endregion

// #region plain
it('is an ordinary class without Nest', async () => {
  const prices = new PricesService();

  expect(await prices.priceOf('mug')).toEqual({ sku: 'mug', cents: 900 });
});
// #endregion

// #region audit
it('starts: the audit of all declarations finds nothing', async () => {
  await expect(app.init()).resolves.toBeDefined();
});
// #endregion
