import { setTimeout as sleep } from 'node:timers/promises';
import { EVERY_LEVEL, type Fault } from './fault.js';
import { holdingWrite } from './holding-write.js';

export const PAUSE_AFTER_COMMIT: Fault = {
  name: 'pause-after-commit',
  covers: 'a process stands still when a write is committed and not evicted',
  claimedBy: EVERY_LEVEL,
  happens: async (stage) => {
    const cache = stage.random.pick(stage.writtenCaches);
    const instance = await holdingWrite(stage, { cache, point: 'after-commit' });
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
    const cache = stage.random.pick(stage.writtenCaches);
    const instance = await holdingWrite(stage, { cache, point: 'after-commit' });
    await sleep(stage.random.between(0, 300));
    await stage.replace(instance, stage.random.between(0, 300));
  },
};
