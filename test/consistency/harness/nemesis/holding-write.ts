import { setTimeout as sleep } from 'node:timers/promises';
import type { Hold } from '../application/write-gate.js';
import type { InstanceProcess } from '../stage/instance-process.js';
import type { Stage } from '../stage/stage.js';

const PATIENCE_MS = 15_000;

/** An instance in which a write waits at that point. */
export async function holdingWrite({ random, instances }: Stage, hold: Hold): Promise<InstanceProcess> {
  const instance = random.pick(instances());
  const tooLate = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`no write of ${hold.cache} came by in ${instance.name}`);
  });
  await Promise.race([instance.ask('hold', hold), tooLate]);

  return instance;
}
