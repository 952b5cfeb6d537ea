import type { CallScopes } from './call-scope.js';

/** Signals that end waiting: those that callers bring, and the one that a load is given. */
export class LoadContext {
  constructor(private readonly scopes: CallScopes) {}

  /**
   * Aborted when the running load is not wanted any more: its deadline has passed, or everybody who waited for it has gone.
   * For the method of a cache, to pass on to what it calls: `fetch(url, { signal: this.loads.signal() })`.
   *
   * Outside of a load, or where nothing limits it, it is never aborted.
   */
  signal(): AbortSignal {
    return this.scopes.current().load?.signal ?? NEVER;
  }

  /**
   * Runs `work` for a caller that may leave: when `signal` is aborted, the cached reads in it reject with its reason. A load is
   * aborted only when all who wait for it have left.
   */
  withSignal<T>(signal: AbortSignal, work: () => T): T {
    return this.scopes.within({ leaving: () => signal }, work);
  }
}

const NEVER = new AbortController().signal;
