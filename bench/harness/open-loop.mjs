/**
 * Calls at a steady rate, whether or not earlier ones have been answered, as users arrive. What a call took is counted from
 * the moment at which it was meant to begin, so a process that stands still does not hide the callers it kept waiting.
 */
import { performance } from 'node:perf_hooks';
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';

const TICK_MS = 2;

export class OpenLoop {
  calls = [];

  /** @param {(index: number) => Promise<unknown>} call */
  constructor(call, perSecond) {
    this.call = call;
    this.everyMs = 1000 / perSecond;
  }

  start() {
    this.startedAt = performance.now();
    this.timer = setInterval(() => this.beginWhatIsDue(), TICK_MS);
  }

  /** Waits for answers until `patienceMs` after the last call began. */
  async stop(patienceMs) {
    clearInterval(this.timer);
    let timer;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([Promise.all(this.calls.map(({ answered }) => answered)), patience]);
    clearTimeout(timer);
  }

  /** Of the calls that were meant to begin between two moments of `performance.now()`; */
  between(from, to) {
    return this.calls.filter(({ dueAt }) => dueAt >= from && dueAt < to);
  }

  beginWhatIsDue() {
    const now = performance.now();
    for (;;) {
      const dueAt = this.startedAt + this.calls.length * this.everyMs;
      if (dueAt > now) return;
      this.begin(dueAt, this.calls.length);
    }
  }

  begin(dueAt, index) {
    const record = { dueAt, tookMs: undefined, failed: false };
    record.answered = this.call(index).then(
      () => {
        record.tookMs = performance.now() - dueAt;
      },
      () => {
        record.tookMs = performance.now() - dueAt;
        record.failed = true;
      },
    );
    this.calls.push(record);
  }
}
