import { ErrorReply } from '@redis/client';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import { StoreGuard } from '../../resilience/store-guard.js';
import type { Clock } from '../../time/clock.js';
import { boundedOptions, nodeName, type ConnectionOptions, type ConnectionTimes } from './connection-options.js';
import { ReadBatch } from './read-batch.js';
import { RedisConnection } from './redis-connection.js';
import type { Answer, ClockProbe } from './redis-link.js';
import { isStill, isUsable, readServerFacts, type ServerFacts } from './server-facts.js';
import type { SharedStoreEvent } from '../shared-store.js';

export interface NodeSettings extends ConnectionTimes {
  /** The longest that a call waits, in ms. */
  readonly deadlineMs: number;
  /** How often the server is asked for its time and its role, in ms. */
  readonly probeIntervalMs: number;
  /** Whether the server says which process it is. */
  readonly tellsEpoch: boolean;
  /** Whether keys of different slots may stand in one command, which a cluster forbids. */
  readonly readsInOneCommand: boolean;
  readonly clock: Clock;
  readonly report: (event: SharedStoreEvent) => void;
}

/** Of no epoch, so that nobody takes it for one. */
const NO_ANSWER: Answer<undefined> = { value: undefined, epoch: '' };

export interface NodeListener {
  onProbe(probe: ClockProbe): void;
  onLost(): void;
}

/**
 * One master, behind a deadline and a breaker.
 *
 * Invariants: no call waits longer than the deadline; once one had to, the others fail at once until a probe is answered in
 * time; commands leave in the order of the calls, and reads of one tick together.
 */
export class RedisNode {
  readonly name: string;
  private readonly connection: RedisConnection;
  private readonly guard: StoreGuard;
  private batch: ReadBatch | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isProbing = false;
  private hasAnswered = false;
  private readonly arrivals = new Set<() => void>();

  constructor(
    readonly options: ConnectionOptions,
    private readonly settings: NodeSettings,
    private readonly listener: NodeListener,
  ) {
    const { deadlineMs, clock, report, tellsEpoch } = settings;
    this.name = nodeName(options);
    this.connection = new RedisConnection(boundedOptions(options, settings), tellsEpoch, {
      onKnown: () => {
        this.probe();
      },
      onLost: (cause) => {
        this.guard.suspend(cause);
        listener.onLost();
      },
    });
    this.guard = new StoreGuard({
      deadlineMs,
      retryAfterMs: Infinity,
      clock,
      onSuspended: (cause) => {
        report({ type: 'store-suspended', cause });
        // The process may have been busy, not the server: then the answer is already waiting.
        this.probe();
      },
      onResumed: (suspendedMs) => {
        report({ type: 'store-resumed', suspendedMs });
      },
    });
  }

  get epoch(): string | undefined {
    return this.connection.epoch;
  }

  open(): void {
    this.connection.open();
    this.timer = setInterval(() => {
      this.watch();
    }, this.settings.probeIntervalMs).unref();
  }

  /** @returns whether the server was identified, and answered a probe, in time */
  async isReached(withinMs: number): Promise<boolean> {
    if (this.hasAnswered) return true;

    return new Promise((resolve) => {
      const settle = (reached: boolean) => {
        clearTimeout(timer);
        this.arrivals.delete(arrived);
        resolve(reached);
      };
      const arrived = () => {
        settle(true);
      };
      const timer = setTimeout(settle, withinMs, false);
      this.arrivals.add(arrived);
    });
  }

  async get(key: string): Promise<Answer<string | undefined>> {
    const [answer = NO_ANSWER] = await this.getAll([key]);

    return answer;
  }

  getAll(keys: readonly string[]): Promise<readonly Answer<string | undefined>[]> {
    if (keys.length === 0) return Promise.resolve([]);
    if (this.batch === undefined) {
      const batch = new ReadBatch();
      this.batch = batch;
      // After all promises that can settle now, and before the client writes: whatever is asked by then goes along.
      queueMicrotask(() => {
        process.nextTick(() => {
          if (this.batch === batch) this.flush();
        });
      });
    }
    const answers = this.batch.add(keys);
    if (this.batch.isFull) this.flush();

    return answers;
  }

  /** @returns also an error reply, which is an answer; @throws {StoreUnavailableError} when there is none */
  async exchange(...commands: readonly (readonly string[])[]): Promise<Answer<unknown>> {
    // What was asked for earlier leaves earlier.
    this.flush();

    return this.ask(`${commands.at(-1)?.[0] ?? ''} to ${this.describedAs}`, async () => {
      const replies = await Promise.all(commands.map((command) => this.reply(command)));
      return replies.at(-1);
    });
  }

  drop(cause: unknown): void {
    this.connection.drop(cause);
  }

  async close(withinMs: number): Promise<void> {
    clearInterval(this.timer);
    this.flush();
    await this.connection.close(this.guard.suspended ? 0 : withinMs);
  }

  /** Never with a user or a password. */
  get describedAs(): string {
    return `Redis at ${this.name}`;
  }

  private async ask<T>(operation: string, work: () => Promise<T>): Promise<Answer<T>> {
    const epoch = this.epoch;
    if (epoch === undefined) throw new StoreUnavailableError(operation, 'is not connected');

    return { value: await this.guard.call(operation, work), epoch };
  }

  private flush(): void {
    const batch = this.batch;
    if (batch === undefined) return;
    this.batch = undefined;

    const { keys } = batch;
    this.ask(`read from ${this.describedAs}`, () => this.read(keys)).then(
      ({ value, epoch }) => {
        batch.settle(value, epoch);
      },
      (error: unknown) => {
        batch.fail(error);
      },
    );
  }

  private async read(keys: readonly string[]): Promise<readonly unknown[]> {
    if (!this.settings.readsInOneCommand) return Promise.all(keys.map((key) => this.reply(['GET', key])));

    const values = (await this.connection.send(['MGET', ...keys])) as readonly unknown[];
    if (values.length !== keys.length) throw new Error('gave another number of values');
    return values;
  }

  /** An error reply is an answer: the server is well, and says no to this command. */
  private async reply(command: readonly string[]): Promise<unknown> {
    try {
      return await this.connection.send(command);
    } catch (error) {
      if (error instanceof ErrorReply) return error;
      throw error;
    }
  }

  private watch(): void {
    if (this.epoch === undefined) {
      this.connection.identify();
    } else {
      this.probe();
    }
  }

  private probe(): void {
    const { epoch } = this;
    if (epoch === undefined || this.isProbing) return;

    this.isProbing = true;
    const sentMs = this.settings.clock.nowMs();
    Promise.all([this.reply(['TIME']), this.reply(['INFO', 'replication'])]).then(
      ([time, replication]) => {
        this.isProbing = false;
        this.probed(epoch, sentMs, time, replication);
      },
      () => {
        // The loss of the connection has been told already; the next one is probed as soon as it is known.
        this.isProbing = false;
      },
    );
  }

  private probed(epoch: string, sentMs: number, time: unknown, replication: unknown): void {
    // Not every user may ask; then a master that becomes a replica shows when it is written to.
    if (typeof replication === 'string' && !this.isStillMaster(epoch, readServerFacts(replication))) {
      this.connection.distrust(new Error('is not the master any more, or is one again'));
      return;
    }
    if (!Array.isArray(time)) return;

    const receivedMs = this.settings.clock.nowMs();
    const [seconds, microseconds] = time.map(Number) as [number, number];
    // An answer that took longer than a call may take shows that there is a server, not that it keeps up.
    const isInTime = receivedMs - sentMs <= this.settings.deadlineMs;
    // Before it is told: whoever waited for the server to answer asks it at once.
    if (isInTime) this.resume();
    const serverMs = seconds * 1000 + microseconds / 1000;
    this.listener.onProbe({ node: this.name, epoch, sentMs, receivedMs, serverMs });
    if (!isInTime) this.probe();
  }

  private isStillMaster(epoch: string, facts: ServerFacts): boolean {
    return this.settings.tellsEpoch ? isStill(epoch, facts) : isUsable(facts);
  }

  private resume(): void {
    if (this.guard.suspended) this.guard.resume();
    this.hasAnswered = true;
    for (const arrived of this.arrivals) arrived();
  }
}
