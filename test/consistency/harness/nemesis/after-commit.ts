import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceProcess } from '../stage/instance-process.js';
import type { Stage } from '../stage/stage.js';
import { EVERY_LEVEL, type Fault } from './fault.js';

const PATIENCE_MS = 5_000;

export const PAUSE_AFTER_COMMIT: Fault = {
  name: 'pause-after-commit',
  covers: 'a process stands still when a write is committed and not evicted',
  claimedBy: EVERY_LEVEL,
  happens: async (stage) => {
    const instance = await holdingCommit(stage);
    instance.pause();
    await sleep(stage.random.between(200, 1_500));
    instance.resume();
    await instance.ask('release', undefined);
  },
};

export const KILL_AFTER_COMMIT: Fault = {
  name: 'kill-after-commit',
  covers: 'a process ends when a write is committed and not evicted; nobody was told that it had succeeded',
  claimedBy: EVERY_LEVEL,
  happens: async (stage) => {
    const instance = await holdingCommit(stage);
    await sleep(stage.random.between(0, 300));
    await stage.replace(instance, stage.random.between(0, 300));
  },
};

/** An instance in which a write of some cache has been committed, and goes no further. */
async function holdingCommit({ random, instances, writtenCaches }: Stage): Promise<InstanceProcess> {
  const instance = random.pick(instances());
  const held = instance.ask('hold', random.pick(writtenCaches));
  const tooLate = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`no write came by in ${instance.name}`);
  });
  await Promise.race([held, tooLate]);

  return instance;
}
