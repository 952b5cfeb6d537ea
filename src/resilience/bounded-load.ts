import { ConsistentCacheError } from '../errors/consistent-cache-error.js';
import type { Clock } from '../time/clock.js';
import { afterTwoHalves } from './after-two-halves.js';
import { LoadSignal, reasonOf } from './load-signal.js';

/** A load did not answer within its deadline. Its caller waits no longer; what it still answers is dropped. */
export class LoadTimedOutError extends ConsistentCacheError {
  /** How long the load was waited for. */
  readonly deadlineMs: number;

  constructor(place: string, deadlineMs: number) {
    super({
      code: 'LOAD_TIMED_OUT',
      what: `The load did not answer within ${deadlineMs} ms`,
      where: place,
      fix: 'Find out what it waits for, and let it end with its signal; if it may take so long, raise its deadline',
    });
    this.deadlineMs = deadlineMs;
  }
}

/** How one call of an origin is bounded. */
export interface LoadBounds {
  /** For messages: `@Cacheable on PricingService.priceOf`. */
  readonly place: string;
  /** How long the load may take, in ms; undefined: as long as it likes. Waiting for a slot does not count. */
  readonly deadlineMs: number | undefined;
  /** The caller's own: once aborted, nobody waits any longer. */
  readonly signal?: AbortSignal | undefined;
  /** Whether an error of this load speaks of the origin's health. @default what the guard says. Must not throw. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
}

/** What an origin is asked to do. It begins in the step in which it is called. */
export type LoadWork<T> = (load: LoadSignal) => T | Promise<T>;

/** `late`: the deadline passed. `aborted`: the caller went, which says nothing about the origin. */
export type LoadEnd = 'answered' | 'failed' | 'late' | 'aborted';

/**
 * Does the work until it settles, its deadline passes or its caller goes, whichever comes first.
 *
 * What comes later is dropped: a late answer, and a late failure, which is never an unhandled rejection.
 *
 * @param onEnd is told how it ended in the very step in which it ends, before its caller goes on
 */
export function boundedLoad<T>(
  work: LoadWork<T>,
  { place, deadlineMs, signal }: LoadBounds,
  clock: Clock,
  onEnd: (end: LoadEnd, error?: unknown) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const load = new LoadSignal();
    let isOver = false;
    let stopDeadline: (() => void) | undefined;
    const end = (how: LoadEnd, error?: unknown) => {
      isOver = true;
      stopDeadline?.();
      signal?.removeEventListener('abort', onAbort);
      onEnd(how, error);
    };
    const giveUp = (how: LoadEnd, reason: unknown) => {
      reject(reason);
      end(how, reason);
      load.giveUp(reason);
    };
    const onAbort = () => {
      giveUp('aborted', reasonOf(signal));
    };

    if (deadlineMs !== undefined) {
      stopDeadline = afterTwoHalves(clock, deadlineMs, () => {
        giveUp('late', new LoadTimedOutError(place, deadlineMs));
      });
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    attempt(work, load).then(
      (value) => {
        if (isOver) return;
        resolve(value);
        end('answered');
      },
      (error: unknown) => {
        if (isOver) return;
        reject(error);
        end('failed', error);
      },
    );
  });
}

/** Work that throws before its first await fails like any other. */
function attempt<T>(work: LoadWork<T>, load: LoadSignal): Promise<T> {
  try {
    return Promise.resolve(work(load));
  } catch (error) {
    return Promise.reject(error);
  }
}
