import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConsistentCacheModule } from 'nestjs-consistent-cache';
import { redisStore } from 'nestjs-consistent-cache/redis';
import { DeclaredCaches } from './declared-caches.js';
import type { InstanceSettings } from './instance-requests.js';
import { Registers } from './registers.js';

@Module({})
class HarnessModule {}

/** A Nest application as a user of the library writes one, over a Redis that its other instances share. */
export function openApplication(
  registers: Registers,
  { redisUrl, copies }: InstanceSettings,
): Promise<INestApplicationContext> {
  const caching = ConsistentCacheModule.forRoot({
    sharedStore: redisStore({ url: redisUrl }),
    subjectSecret: 'the secret of the harness',
    copies,
    namespace: 'harness',
    identity: { ambient: () => undefined },
  });

  return NestFactory.createApplicationContext({
    module: HarnessModule,
    imports: [caching],
    providers: [{ provide: Registers, useValue: registers }, DeclaredCaches],
  });
}
