/** What a load is handed: a signal that is made only if the load asks for it, since most never do. */
export class LoadSignal {
  private controller: AbortController | undefined;
  private isGivenUp = false;
  private reason: unknown;

  /** Aborted when nobody waits for the load any longer; its `reason` is the error that the caller got. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.isGivenUp) this.controller.abort(this.reason);
    }

    return this.controller.signal;
  }

  giveUp(reason: unknown): void {
    this.isGivenUp = true;
    this.reason = reason;
    this.controller?.abort(reason);
  }
}

/** A signal's reason is whatever its owner gave it. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason;
}
