import { expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CacheModule } from '@nestjs/cache-manager';
import {
  Cacheable,
  CacheMetrics,
  ConsistentCacheModule,
  type ConsistentCacheOptions,
  type ConsistentCacheOptionsFactory,
} from 'nestjs-consistent-cache';
import { Keyv } from 'keyv';

@Injectable()
class Settings {
  readonly processes: number = 1;
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

// #region async
const Caching = ConsistentCacheModule.forRootAsync({
  imports: [SettingsModule],
  inject: [Settings],
  useFactory: (settings: Settings) => ({
    topology: settings.processes === 1 ? 'single-process' : 'multi-process',
    stores: [new Keyv()],
  }),
});
// #endregion

@Injectable()
class OptionsFactory implements ConsistentCacheOptionsFactory {
  createConsistentCacheOptions(): ConsistentCacheOptions {
    return {
      topology: 'single-process',
      defaults: { owner: 'everybody', scope: 'shared', levels: { eventual: { ttl: '5m' } } },
    };
  }
}

@Injectable()
class Service {
  @Cacheable({ consistency: 'strong', scope: 'shared', owner: 'tests', evictedElsewhere: 'nothing writes it' })
  async value(): Promise<number> {
    return Promise.resolve(1);
  }
}

@Injectable()
class DefaultedService {
  @Cacheable({ consistency: 'eventual' })
  async value(): Promise<number> {
    return Promise.resolve(1);
  }
}

it.each([
  ['a factory', [Caching], Service],
  ['a class', [ConsistentCacheModule.forRootAsync({ useClass: OptionsFactory })], DefaultedService],
  [
    "the application's own cache-manager",
    [
      CacheModule.register({ isGlobal: true }),
      ConsistentCacheModule.forRoot({ topology: 'single-process', cacheManager: 'existing' }),
    ],
    Service,
  ],
])('starts with options from %s', async (_, imports, Cached) => {
  const app = await Test.createTestingModule({ imports, providers: [Cached] }).compile();
  await app.init();
  await app.get(Cached).value();
  await app.get(Cached).value();

  expect(app.get(CacheMetrics).figuresOf(`${Cached.name}.value`)).toMatchObject({ hit: 1, miss: 1 });
});

it('names everything that is wrong with the options', async () => {
  const start = Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ namespace: 'a b', stores: [], storeDeadline: 0 })],
  }).compile();

  await expect(start).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    what: expect.stringMatching(/stores .*; namespace .*; storeDeadline /),
  });
});
