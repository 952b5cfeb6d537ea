import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import {
  ConsistentCache,
  ConsistentCacheModule,
  InvalidPolicyError,
  NothingToEvictError,
} from 'nestjs-consistent-cache';

async function started(): Promise<{ app: TestingModule; cache: ConsistentCache }> {
  const app = await Test.createTestingModule({ imports: [ConsistentCacheModule.forRoot()] }).compile();
  await app.init();

  return { app, cache: app.get(ConsistentCache) };
}

const RATES = { name: 'rates', scope: 'shared', owner: 'tests', tags: { rate: (name: string) => name } } as const;

describe('a cache declared after the audit', () => {
  it.each(['strong', 'session', 'linearizable'] as const)(
    'is refused at once when the store cannot keep %s',
    async (consistency) => {
      const { app, cache } = await started();
      const tolerance = consistency === 'session' ? { tolerance: { max: '5s', because: 'a test' } as const } : {};
      const declare = (): unknown =>
        cache.declare<[string], number>({ ...RATES, ...tolerance, consistency, evictedElsewhere: 'by the test' });

      expect(declare).toThrow(InvalidPolicyError);
      await app.close();
    },
  );

  it('is refused when its name is taken', async () => {
    const { app, cache } = await started();
    const declare = (): unknown => cache.declare<[string], number>({ ...RATES, consistency: 'eventual', ttl: '1m' });
    declare();

    expect(declare).toThrow(/another cache named 'rates'/);
    await app.close();
  });
});

describe('an eviction from code', () => {
  it('of what nothing declares is an error that names it', async () => {
    const { app, cache } = await started();
    cache.declare<[string], number>({ ...RATES, consistency: 'eventual', ttl: '1m' });

    await expect(cache.evict({ rates: 'eur' })).rejects.toThrow(NothingToEvictError);
    await expect(cache.evictFamily('rate', 'rates')).rejects.toThrow(/no family 'rates'/);
    await expect(cache.evictCache('rate')).rejects.toThrow(/no cache 'rate'/);
    await app.close();
  });

  it('of what is declared settles', async () => {
    const { app, cache } = await started();
    const rates = cache.declare<[string], number>({ ...RATES, consistency: 'eventual', ttl: '1m' });
    let rate = 1;
    const read = (): Promise<number> => rates.read(['eur'], async () => rate++);
    await read();
    await cache.evict({ rate: 'eur' });
    await read();
    await cache.evictFamily('rate');
    await read();
    await cache.evictCache('rates');

    expect(await read()).toBe(4);
    await app.close();
  });
});
