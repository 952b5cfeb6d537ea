import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so, asking again and again; an error means "not yet". */
export async function withinMs(limitMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`it was not so within ${limitMs} ms`);
    await sleep(5);
  }
}
