/** An origin that takes its time, and knows when it was called and how many calls it had at once. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { productOf } from './sample-products.mjs';

const SECOND_MS = 1000;

export class CountingOrigin {
  calls = [];
  running = 0;

  constructor(takesMs, bytes) {
    this.takesMs = takesMs;
    this.bytes = bytes;
  }

  async load(sku) {
    this.running++;
    this.calls.push({ at: performance.now(), atOnce: this.running });
    try {
      await sleep(this.takesMs);
      return productOf(sku, this.bytes);
    } finally {
      this.running--;
    }
  }

  /** @returns calls a second, on average and in the busiest second of its own; and the most at once */
  between(from, to) {
    const within = this.calls.filter(({ at }) => at >= from && at < to);
    let [first, peak] = [0, 0];
    for (let last = 0; last < within.length; last++) {
      while (within[last].at - within[first].at >= SECOND_MS) first++;
      peak = Math.max(peak, last - first + 1);
    }

    return {
      perSecond: within.length / ((to - from) / SECOND_MS),
      peakPerSecond: peak,
      mostAtOnce: Math.max(0, ...within.map(({ atOnce }) => atOnce)),
    };
  }
}
