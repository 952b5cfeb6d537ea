/**
 * Those who wait for one load. Each may leave; when the last has gone, nobody needs the load any more.
 *
 * Only made for a load whose first caller can leave: a caller that cannot keeps it going to the end.
 */
export class Audience {
  private readonly controller = new AbortController();
  private waiting = 0;

  /** Aborted when the last one has left. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Nobody waits for it any more, so nobody should begin to. */
  get isGone(): boolean {
    return this.controller.signal.aborted;
  }

  /** Waits for the result, unless the caller leaves before. @throws the reason of `signal` */
  attend<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.waiting += 1;
    if (signal === undefined) return result;

    return untilAborted(result, signal, () => {
      this.waiting -= 1;
      if (this.waiting === 0) this.controller.abort(signal.reason);
    });
  }
}

/** The result, or the reason for which the caller does not wait for it any longer. */
export function untilAborted<T>(result: Promise<T>, signal: AbortSignal, onLeave: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      onLeave();
      reject(signal.reason as Error);
    };
    if (signal.aborted) {
      leave();
      return;
    }
    signal.addEventListener('abort', leave, { once: true });
    const stay = (): void => {
      signal.removeEventListener('abort', leave);
    };
    result.then(
      (value) => {
        stay();
        resolve(value);
      },
      (error: unknown) => {
        stay();
        reject(error);
      },
    );
  });
}

/** The same for a caller that may be unable to leave, and whose leaving concerns nobody else. */
export function untilLeft<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal === undefined ? result : untilAborted(result, signal, () => undefined);
}
