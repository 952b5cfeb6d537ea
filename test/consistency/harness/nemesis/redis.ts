import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../stage/stage.js';
import { EVERY_LEVEL, type Fault } from './fault.js';

export const REDIS_PAUSE: Fault = {
  name: 'redis-pause',
  covers: 'Redis hangs and goes on; what was sent meanwhile is carried out then',
  claimedBy: EVERY_LEVEL,
  happens: async ({ random, redis }) => {
    await redis.pause();
    await sleep(random.between(50, 3_000));
    await redis.resume();
  },
};

export const REDIS_EMPTY: Fault = {
  name: 'redis-empty',
  covers: 'Redis dies and starts again with nothing',
  claimedBy: EVERY_LEVEL,
  restartsRedis: true,
  happens: async ({ random, redis }) => {
    await redis.kill();
    await sleep(random.between(0, 1_500));
    await redis.restart({ empty: true });
  },
};

export const REDIS_OLD: Fault = {
  name: 'redis-old',
  covers: 'Redis dies and starts again with what it remembered a while ago, versions that were replaced since included',
  claimedBy: EVERY_LEVEL,
  restartsRedis: true,
  happens: async ({ random, redis }) => {
    await redis.snapshot();
    await sleep(random.between(300, 1_500));
    await redis.restart();
  },
};

export const REDIS_FULL: Fault = {
  name: 'redis-full',
  covers: 'Redis is short of memory and drops what has an expiry, entries and versions, in any order',
  claimedBy: EVERY_LEVEL,
  happens: async (stage) => {
    await stage.redis.command('CONFIG', 'SET', 'maxmemory', String(await usedBytes(stage)));
    try {
      for (let round = 0; round < 10; round += 1) {
        await fill(stage, round);
        await sleep(stage.random.between(20, 150));
      }
    } finally {
      await stage.redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
  },
};

const FILLERS = 40;
const FILLER_BYTES = 8_192;

async function usedBytes({ redis }: Stage): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))?.[1]);
}

/** Younger than most of what is there, so that the least recently used goes. */
async function fill({ redis }: Stage, round: number): Promise<void> {
  const script = `for i = 1, ${FILLERS} do redis.pcall('SET', 'filler:${round}:' .. i, ARGV[1], 'PX', 3000) end`;
  // Where there is no room left to drop anything for, it refuses the script; then it is as full as it can be.
  await redis.command('EVAL', script, '0', 'x'.repeat(FILLER_BYTES)).catch(() => undefined);
}
