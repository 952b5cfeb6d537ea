import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cacheable, CacheDefaults, CacheEvict, ConsistentCacheModule, Transactions } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { Pool } from 'pg';
import type { CrashAnswer, CrashRequest, CrashSettings } from './crash-point.js';
import { GatedNumbers } from './gated-numbers.js';

/* A process of an application over PostgreSQL and Redis, which does what its parent asks and ends with it. */

const { databaseUrl, redisUrl, ttlMs } = JSON.parse(process.argv[2] ?? '{}') as CrashSettings;

@Injectable()
@CacheDefaults({ scope: 'shared', owner: 'tests' })
class NumbersService {
  constructor(private readonly numbers: GatedNumbers) {}

  @Cacheable({ consistency: 'strong', tags: { strong: (id: string) => id }, ttl: ttlMs })
  strong(id: string): Promise<number> {
    return this.numbers.find(id);
  }

  @CacheEvict({ tags: { strong: (id: string) => id } })
  writeStrong(id: string): Promise<void> {
    return this.numbers.set(id, 1);
  }

  @Cacheable({ consistency: 'linearizable', tags: { linearizable: (id: string) => id } })
  linearizable(id: string): Promise<number> {
    return this.numbers.find(id);
  }

  @CacheEvict({ tags: { linearizable: (id: string) => id } })
  writeLinearizable(id: string): Promise<void> {
    return this.numbers.set(id, 1);
  }
}

@Module({})
class CrashModule {}

const app = await NestFactory.createApplicationContext({
  module: CrashModule,
  imports: [
    ConsistentCacheModule.forRoot({
      sharedStore: redisStore({ url: redisUrl }),
      subjectSecret: 'the secret of the tests',
    }),
  ],
  providers: [
    {
      provide: GatedNumbers,
      inject: [Transactions],
      useFactory: (transactions: Transactions) =>
        new GatedNumbers(new Pool({ connectionString: databaseUrl }), transactions),
    },
    NumbersService,
  ],
});
const [numbers, service] = [app.get(GatedNumbers), app.get(NumbersService)];

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  void perform(message as CrashRequest);
});
answer({ call: 0 });

async function perform(request: CrashRequest): Promise<void> {
  const { call } = request;
  switch (request.ask) {
    case 'read': {
      const before = numbers.loads;
      const value = await service[request.level](request.id);
      answer({ call, value, isHit: numbers.loads === before });
      break;
    }
    case 'write': {
      const write = request.level === 'strong' ? 'writeStrong' : 'writeLinearizable';
      await numbers.transaction(
        request.at,
        () => {
          answer({ call });
        },
        () => service[write](request.id),
      );
      break;
    }
    case 'release':
      numbers.release();
      // By then whatever follows the gate has been sent.
      setImmediate(() => {
        answer({ call });
      });
  }
}

function answer(message: CrashAnswer): void {
  process.send?.(message);
}
