/** A reply, and the epoch of the node that gave it: known when the command was sent, and still the same when it answered. */
export interface Answer<T> {
  readonly value: T;
  readonly epoch: string;
}

/** What a probe of a node's clock found, in ms; `sentMs` and `receivedMs` are of this process's clock. */
export interface ClockProbe {
  readonly node: string;
  readonly epoch: string;
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly serverMs: number;
}

/** Where a master listens, and how to log in there; what a further connection of ours needs. */
export interface RedisEndpoint {
  readonly node: string;
  readonly clientOptions: Readonly<Record<string, unknown>>;
}

/**
 * One Redis, or a cluster of them, as the parts of this adapter see it.
 *
 * Invariants: no call waits longer than the deadline; while a node is known not to answer, calls to it fail at once; a
 * command is sent at most once; commands that concern keys of one node leave in the order in which they were called, those
 * of one tick in one write. A reply counts only if the connection has belonged to one server process from the sending to the
 * reply, whose `run_id` is the epoch.
 */
export abstract class RedisLink {
  /**
   * The text under a key. Reads of one tick and node travel in one command.
   *
   * @throws {StoreUnavailableError}
   */
  abstract get(key: string): Promise<Answer<string | undefined>>;

  /**
   * The texts under several keys, in their order.
   *
   * @throws {StoreUnavailableError}
   */
  abstract getAll(keys: readonly string[]): Promise<readonly Answer<string | undefined>[]>;

  /**
   * Sends a command to the node that holds `key`.
   *
   * @throws {StoreUnavailableError} also for an error reply
   */
  abstract send(key: string, command: readonly string[]): Promise<Answer<unknown>>;

  /** The epoch of the node that holds `key`; undefined while it is not known. */
  abstract epochOf(key: string): string | undefined;

  /** Hears of each probe of each node; probing is also what notices that a node answers again. @returns how to stop listening */
  abstract onProbe(listener: (probe: ClockProbe) => void): () => void;

  /** Hears that a connection was lost or a node replaced: what was in flight is unknown. @returns how to stop listening */
  abstract onLost(listener: () => void): () => void;

  /** The masters at present, each once. */
  abstract endpoints(): readonly RedisEndpoint[];

  /** Gives up the connection to the node that holds `key`, or each; new ones are made in the background. */
  abstract drop(key?: string): void;

  abstract close(): Promise<void>;
}
