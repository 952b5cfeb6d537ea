import type { Clock } from '../time/clock.js';

/**
 * Calls back when so much time has passed, waiting for it in two halves.
 *
 * Timers run before replies: after this process stood still for a while, everything that was answered meanwhile gets a half
 * in which its answer can be heard. So it waits at most for `ms` and the time that the process stood still.
 *
 * @returns what calls it off
 */
export function afterTwoHalves(clock: Clock, ms: number, callback: () => void): () => void {
  const firstMs = Math.ceil(ms / 2);
  let callOff = clock.after(firstMs, () => {
    callOff = clock.after(ms - firstMs, callback);
  });

  return () => {
    callOff();
  };
}
