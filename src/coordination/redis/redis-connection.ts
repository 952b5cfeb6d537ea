import { createClient, ErrorReply, type RedisClientType } from '@redis/client';
import type { ConnectionOptions, SocketOptions } from './connection-options.js';
import { epochOf, isUsable, readServerFacts } from './server-facts.js';

/** What a connection tells whoever works with it. */
export interface ConnectionListener {
  /** The server process is known and may be trusted. */
  onKnown(): void;
  /** It is not any more; what was in flight is unknown. */
  onLost(cause: unknown): void;
}

/** One client of the library, and whether there is a socket that can be closed. */
interface Line {
  readonly client: RedisClientType;
  hasSocket: boolean;
  isRetired: boolean;
}

/** Replies by which a server says that it is not, or no longer, the one that keeps our data. */
const DISOWNING = /^(READONLY|LOADING|MASTERDOWN|MISCONF|NOAUTH)/;

/** The epoch where the server does not tell which process it is: always the same, so a restart does not show. */
const UNTOLD = 'untold';

/**
 * One connection, made again for ever when it is lost, that knows which server process it leads to.
 *
 * Invariant: while `epoch` is known, the connection has led to that process, a master, since before the last command was
 * sent. A connection that was made anew is unknown until the server has said who it is.
 */
export class RedisConnection {
  private line: Line | undefined;
  private known: string | undefined;
  private isAsking = false;

  /** @param tellsEpoch whether this server says which process it is; if not, every process counts as the same */
  constructor(
    private readonly options: ConnectionOptions,
    private readonly tellsEpoch: boolean,
    private readonly listener: ConnectionListener,
  ) {}

  open(): void {
    this.line = this.connect();
  }

  get epoch(): string | undefined {
    return this.known;
  }

  /** Sends a command once, in the order of the calls. Rejects when the reply may be another process's. */
  async send(command: readonly string[]): Promise<unknown> {
    const epoch = this.known;
    const line = this.line;
    if (epoch === undefined || line === undefined) throw new Error('is not connected');

    try {
      const reply = await line.client.sendCommand(command);
      if (this.known !== epoch) throw new Error('was replaced while it was asked');
      return reply;
    } catch (error) {
      if (error instanceof ErrorReply && DISOWNING.test(error.message)) this.distrust(error);
      throw error;
    }
  }

  /** Stops trusting the server until it has said again who it is. */
  distrust(cause: unknown): void {
    this.forget(cause);
    this.identify();
  }

  /** Asks the server who it is, unless that is known or under way. */
  identify(): void {
    const line = this.line;
    if (this.known !== undefined || this.isAsking || line?.client.isReady !== true) return;

    this.isAsking = true;
    this.ask(line).then(
      (epoch) => {
        this.isAsking = false;
        if (epoch === undefined || line !== this.line || !line.client.isReady) return;
        this.known = epoch;
        this.listener.onKnown();
      },
      () => {
        // Asked again by whoever watches over the connection, and at once when it is made anew.
        this.isAsking = false;
      },
    );
  }

  /** Gives up the connection and everything in flight on it; a new one is made at once. */
  drop(cause: unknown): void {
    const line = this.line;
    // One that is still being made has nothing in flight, and its own time limit.
    if (line?.hasSocket !== true) return;

    this.forget(cause);
    this.line = this.connect();
    retire(line);
  }

  /** For good; waits for what is in flight, but no longer than `withinMs`. */
  async close(withinMs: number): Promise<void> {
    const line = this.line;
    if (line === undefined) return;
    this.line = undefined;
    if (this.known !== undefined) await settled(line.client, withinMs);

    // No loss that anybody has to hear of.
    this.known = undefined;
    retire(line);
  }

  private connect(): Line {
    // The library writes into the options that it is given.
    const options = { ...this.options, socket: { ...this.options.socket } as SocketOptions };
    const retry = options.socket.reconnectStrategy;
    options.socket.reconnectStrategy = (retries, cause) =>
      line.isRetired || typeof retry !== 'function' ? new Error('was given up') : retry(retries, cause);
    const client = createClient(options) as unknown as RedisClientType;
    const line: Line = { client, hasSocket: false, isRetired: false };

    client.on('connect', () => {
      line.hasSocket = true;
      if (line.isRetired) retire(line);
    });
    client.on('ready', () => {
      this.identify();
    });
    client.on('reconnecting', () => {
      line.hasSocket = false;
    });
    // Without a listener a lost connection would end the process.
    client.on('error', (error: unknown) => {
      if (line !== this.line) return;
      // An error with the connection still up means that its replies could not be read: from here on they may be shifted.
      if (client.isReady) this.drop(error);
      else this.forget(error);
    });
    client.connect().catch(() => undefined);

    return line;
  }

  private async ask({ client }: Line): Promise<string | undefined> {
    if (!this.tellsEpoch) {
      await client.sendCommand(['TIME']);
      return UNTOLD;
    }
    const facts = readServerFacts(await client.sendCommand(['INFO']));

    return isUsable(facts) ? epochOf(facts) : undefined;
  }

  private forget(cause: unknown): void {
    if (this.known === undefined) return;

    this.known = undefined;
    this.listener.onLost(cause);
  }
}

/**
 * Ends a client for good. The library cannot end one that is waiting for its socket: destroyed then, it would connect
 * nevertheless and stay. Such a client is ended when it has its socket, or by its next failure.
 */
function retire(line: Line): void {
  line.isRetired = true;
  if (line.hasSocket && line.client.isOpen) line.client.destroy();
}

/** Replies come in the order of the commands: when this one is there, so are all that were sent before. */
async function settled(client: RedisClientType, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  const replied = client.sendCommand(['PING']).then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([replied, enough]);
  clearTimeout(timer);
}
