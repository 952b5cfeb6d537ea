import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceProcess } from '../stage/instance-process.js';
import type { Stage } from '../stage/stage.js';
import { EVERY_LEVEL, type Fault } from './fault.js';
import { holdingWrite } from './holding-write.js';

/** Twice as long as an announced write is believed. */
const LEASES_MS = 20_000;

export const REDIS_EMPTY_MID_WRITE: Fault = {
  name: 'redis-empty-mid-write',
  covers: 'Redis dies and forgets that a linearizable write was announced, whose statement is still to come',
  claimedBy: EVERY_LEVEL,
  restartsRedis: true,
  happens: (stage) => forgetAnnouncement(stage, async () => undefined),
};

export const CLOCK_STEP_MID_WRITE: Fault = {
  name: 'clock-step-mid-write',
  covers: 'the same, and the wall clocks of the other instances are set forward by more than a lease just then',
  claimedBy: EVERY_LEVEL,
  restartsRedis: true,
  happens: (stage) =>
    forgetAnnouncement(stage, async (writer) => {
      const others = stage.instances().filter((instance) => instance !== writer);
      await Promise.all(others.map((instance) => instance.ask('stepClock', LEASES_MS)));
    }),
};

async function forgetAnnouncement(stage: Stage, andThen: (writer: InstanceProcess) => Promise<void>): Promise<void> {
  const instance = await holdingWrite(stage, { cache: 'linearizable', point: 'before-statement' });
  await stage.redis.restart({ empty: true });
  // As long as the instances need to find Redis again, and shorter than a third of a lease, when it is announced anew.
  await sleep(stage.random.between(600, 1_200));
  await andThen(instance);
  await sleep(stage.random.between(300, 1_000));
  const committed = instance.ask('hold', { cache: 'linearizable', point: 'after-commit' });
  await instance.ask('release', undefined);
  await committed;
  await sleep(stage.random.between(100, 500));
  await instance.ask('release', undefined);
}
