import { setTimeout as sleep } from 'node:timers/promises';
import { EVERY_LEVEL, type Fault } from './fault.js';

export const CALM: Fault = {
  name: 'calm',
  covers: 'nothing goes wrong, and everything happens at the same time',
  claimedBy: EVERY_LEVEL,
  happens: () => sleep(500),
};
