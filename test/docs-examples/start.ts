import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Clock, ConsistentCacheModule, type ConsistentCacheOptions } from 'nestjs-consistent-cache';
import { ManualClock } from 'nestjs-consistent-cache/testing';

/** One application of the examples, started, on a clock that stands still. */
export async function start(
  parts: Pick<ModuleMetadata, 'controllers' | 'providers'>,
  options: ConsistentCacheOptions = {},
): Promise<{ readonly app: TestingModule; readonly clock: ManualClock }> {
  const clock = new ManualClock();
  const app = await Test.createTestingModule({
    imports: [ConsistentCacheModule.forRoot({ topology: 'single-process', ...options })],
    ...parts,
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .compile();
  await app.init();

  return { app, clock };
}
