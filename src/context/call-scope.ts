import { AsyncLocalStorage } from 'node:async_hooks';
import { NO_DEMAND, tighten } from '../policy/demand.js';
import type { Demand } from '../policy/demand.js';
import type { OriginGuard } from '../resilience/origin-guard.js';
import type { Caller } from './caller.js';
import type { CallerSession } from './caller-session.js';
import type { OpenTransaction } from './open-transaction.js';
import type { LoadTrace } from './load-trace.js';
import type { ReadLog } from './read-log.js';

/** What surrounds a call: it travels with the asynchronous flow, and an inner scope is a copy of its outer one. */
export interface CallScope {
  /** What the callers above ask of every cached read. */
  readonly demand: Demand;
  /** Who is calling; a function, so that a request that reads no scoped cache never resolves its identity. */
  readonly caller: (() => Caller | undefined) | undefined;
  /** The load that is running, if one is. */
  readonly trace: LoadTrace | undefined;
  /** What a response should say about the reads it is made of, where there is a response. */
  readonly reads: ReadLog | undefined;
  /** What the caller wrote and saw, where a session is known. */
  readonly session: CallerSession | undefined;
  /** What says that the caller waits no longer; a function, so that only a read that has to wait asks for it. */
  readonly leaving: (() => AbortSignal | undefined) | undefined;
  /** What tells the running load that it is not wanted any more; made when it is asked for. */
  readonly load: { readonly signal: AbortSignal } | undefined;
  /** The transaction around the call, if one is open. */
  readonly transaction: OpenTransaction | undefined;
  /** The places at origins that the running loads have. */
  readonly held: readonly HeldPlace[];
}

/** A guard that a load has passed. */
export interface HeldPlace {
  readonly guard: OriginGuard;
  /** The load has ended: timers and listeners keep the scope in which they were made, and have no place. */
  isOver: boolean;
}

const OUTERMOST: CallScope = {
  demand: NO_DEMAND,
  caller: undefined,
  trace: undefined,
  reads: undefined,
  session: undefined,
  leaving: undefined,
  load: undefined,
  transaction: undefined,
  held: [],
};

/** The scopes of one application; two applications in one process do not see each other's. */
export class CallScopes {
  private readonly storage = new AsyncLocalStorage<CallScope>();
  private closed = false;
  private asking = false;
  private readonly ends: (() => void)[] = [];

  /** @param ambient who is calling where no scope says so */
  constructor(private readonly ambient: (() => Caller | undefined) | undefined) {}

  current(): CallScope {
    const scope = this.storage.getStore() ?? OUTERMOST;

    // Timers and listeners keep the scope in which they were made: they must not wait for the end of what has ended.
    return scope.transaction?.isOver === true ? { ...scope, transaction: scope.transaction.running() } : scope;
  }

  /** Runs `work` in a scope that differs from the present one by `changes`. */
  within<T>(changes: Partial<CallScope>, work: () => T): T {
    return this.storage.run({ ...this.current(), ...changes }, work);
  }

  /** Runs `work` so that every cached read below meets this demand as well as those already made. */
  demanding<T>(demand: Demand, work: () => T): T {
    return this.within({ demand: tighten(this.current().demand, demand) }, work);
  }

  /** Ends all scopes for good. On Node 20 every AsyncLocalStorage in use makes each promise of the process slower. */
  close(): void {
    this.closed = true;
    for (const end of this.ends) end();
    this.storage.disable();
  }

  /** What ends with them. */
  onClose(end: () => void): void {
    this.ends.push(end);
  }

  /** Nothing that runs is in a scope any more, so what a load reads leaves no trace. */
  get areClosed(): boolean {
    return this.closed;
  }

  /** It is the module itself that asks the application who is calling. */
  get isAsking(): boolean {
    return this.asking;
  }

  /** Who is calling; reading it here does not mark a load. */
  caller(): Caller | undefined {
    const { caller } = this.current();
    this.asking = true;
    try {
      return caller === undefined ? this.ambient?.() : caller();
    } finally {
      this.asking = false;
    }
  }
}
