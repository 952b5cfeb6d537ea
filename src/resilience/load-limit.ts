import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { Clock } from '../time/clock.js';
import { afterTwoHalves } from './after-two-halves.js';
import { reasonOf } from './load-signal.js';

/** How many loads an origin has at once. */
export interface LoadLimits {
  /** How many run. */
  readonly concurrency: number;
  /** How many wait until one ends. */
  readonly queue: number;
  /** How long each of them waits. */
  readonly queueDeadlineMs: number;
}

export interface LoadLimitOptions extends LoadLimits {
  /** The origin's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
}

/** Why a load got no slot: `queue-full` without waiting, `waited-too-long` after the deadline in the queue. */
export type OverloadReason = 'queue-full' | 'waited-too-long';

/** An origin has as many loads as it may have, so this one was not begun. */
export class OriginOverloadedError extends ConsistentCacheError {
  readonly because: OverloadReason;
  /** After so many ms everyone who waits now has been served or refused. */
  readonly retryAfterMs: number;

  constructor(origin: string, place: string, because: OverloadReason, limits: LoadLimits) {
    const { concurrency, queue, queueDeadlineMs } = limits;
    const isFull = because === 'queue-full';
    super({
      code: 'ORIGIN_OVERLOADED',
      what: isFull
        ? `The origin '${origin}' has ${concurrency} loads running and ${queue} waiting`
        : `The origin '${origin}' had ${concurrency} loads running for ${queueDeadlineMs} ms, and none ended in time for this one`,
      where: place,
      fix: `Try again in ${queueDeadlineMs} ms; if the origin can take more, raise its concurrency or its ${isFull ? 'queue' : 'queueDeadline'}`,
    });
    this.because = because;
    this.retryAfterMs = queueDeadlineMs;
  }
}

/** Gives a slot back. Only the first call counts. */
export type Release = () => void;

/**
 * So many loads at once and no more; those that come later wait in the order in which they came, so many and so long.
 *
 * Invariant: somebody waits only while every slot is taken, so nobody who comes later goes first.
 */
export class LoadLimit {
  private taken = 0;
  /** In the order of coming; each is called to take over a slot. */
  private readonly queue = new Set<() => void>();

  constructor(private readonly options: LoadLimitOptions) {}

  get running(): number {
    return this.taken;
  }

  get waiting(): number {
    return this.queue.size;
  }

  /**
   * Takes a slot: at once while one is free, else when it is this caller's turn.
   *
   * @param place for messages
   * @param signal whose abort ends the waiting
   * @returns what gives the slot back, without a promise if nobody had to wait
   * @throws {OriginOverloadedError} when as many wait as may, or when the deadline in the queue passes
   * @throws the signal's reason, once it is aborted
   */
  enter(place: string, signal?: AbortSignal): Release | Promise<Release> {
    if (signal?.aborted === true) return Promise.reject(reasonOf(signal));
    if (this.taken < this.options.concurrency) {
      this.taken += 1;
      return this.slot();
    }
    if (this.queue.size >= this.options.queue) {
      return Promise.reject(new OriginOverloadedError(this.options.name, place, 'queue-full', this.options));
    }

    return this.wait(place, signal);
  }

  private wait(place: string, signal: AbortSignal | undefined): Promise<Release> {
    const { name, clock, queueDeadlineMs } = this.options;

    return new Promise((resolve, reject) => {
      const leave = () => {
        this.queue.delete(takeSlot);
        stopWaiting();
        signal?.removeEventListener('abort', onAbort);
      };
      const takeSlot = () => {
        leave();
        resolve(this.slot());
      };
      const onAbort = () => {
        leave();
        reject(reasonOf(signal));
      };
      const stopWaiting = afterTwoHalves(clock, queueDeadlineMs, () => {
        leave();
        reject(new OriginOverloadedError(name, place, 'waited-too-long', this.options));
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.queue.add(takeSlot);
    });
  }

  private slot(): Release {
    let isHeld = true;

    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.handOn();
    };
  }

  /** A slot goes from hand to hand while somebody waits; nobody who comes in between finds it free. */
  private handOn(): void {
    const { value: next } = this.queue.values().next();
    if (next === undefined) this.taken -= 1;
    else next();
  }
}
