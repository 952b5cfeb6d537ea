import { setTimeout as sleep } from 'node:timers/promises';
import { EVERY_LEVEL, type Fault } from './fault.js';

/** How long an announced write is believed of a process that says nothing. */
const LEASE_MS = 10_000;

export const PAUSE: Fault = {
  name: 'pause',
  covers: 'a process stands still for a moment wherever it is, as in a garbage collection or on a busy host',
  claimedBy: EVERY_LEVEL,
  happens: async ({ random, instances }) => {
    const instance = random.pick(instances());
    instance.pause();
    await sleep(random.between(100, 1_500));
    instance.resume();
  },
};

export const PAUSE_PAST_LEASE: Fault = {
  name: 'pause-past-lease',
  covers: 'a process stands still for longer than an announced write is believed, as a suspended virtual machine',
  claimedBy: EVERY_LEVEL,
  takesSeconds: 14,
  happens: async ({ random, instances }) => {
    const instance = random.pick(instances());
    // Not covered, says docs/explanation/linearizable.md: a write that stands still so long before its first statement.
    await instance.ask('pauseWrites', 'linearizable');
    instance.pause();
    await sleep(LEASE_MS + random.between(1_000, 3_000));
    instance.resume();
    await instance.ask('resumeWrites', 'linearizable');
  },
};

export const KILL: Fault = {
  name: 'kill',
  covers: 'a process ends wherever it is, and another takes its place',
  claimedBy: EVERY_LEVEL,
  happens: ({ random, instances, replace }) => replace(random.pick(instances()), random.between(0, 500)),
};
