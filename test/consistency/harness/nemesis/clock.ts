import { setTimeout as sleep } from 'node:timers/promises';
import { EVERY_LEVEL, type Fault } from './fault.js';

export const CLOCK_STEP: Fault = {
  name: 'clock-step',
  covers: 'the wall clock of one process is set forward or back, by less and by far more than any bound',
  claimedBy: EVERY_LEVEL,
  happens: async ({ random, instances }) => {
    const instance = random.pick(instances());
    const stepMs = random.pick([-3_600_000, -5_000, -700, 700, 5_000, 3_600_000]);
    await instance.ask('stepClock', stepMs);
    await sleep(random.between(200, 1_000));
    await instance.ask('stepClock', -stepMs);
  },
};
