import { AsyncLocalStorage } from 'node:async_hooks';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { EvictionFailedError, WriteRefusedError } from '../../../../src/engine/eviction.js';
import type { EvictPolicy } from '../../../../src/policy/evict-policy.js';
import type { Duration } from '../../../../src/time/duration.js';
import type { Declared } from '../../../support/engine-under-test.js';
import type { Scheduler } from '../scheduler.js';
import { History } from './history.js';
import type { Rows, Write } from './history.js';
import { instanceOverRedis, instancesInProcess, OVER_REDIS } from './instance.js';
import type { Adapters, Instance } from './instance.js';
import { ManualTimers } from './manual-timers.js';
import { RedisInMemory } from './redis/redis-in-memory.js';

/** Whose step is running, and in which process. */
const OPERATION = new AsyncLocalStorage<{ readonly by: string; readonly at: string }>();
const NEVER = new Promise<never>(() => undefined);
/** No write takes longer: what was announced and not renewed since is over. */
const LEASE = '10s';

export type ReadRow = (row: string) => Promise<Rows>;
export type CachedRows = Declared<[row: string], Rows>;

export interface WorldOptions {
  /** Whether another process's commands may come between those that leave a process in one write. */
  readonly oneByOne?: boolean;
}

/** Rows that commit, and two instances with caches over them, in the order of one schedule. */
export class ScheduledWorld {
  readonly here: Instance;
  readonly there: Instance;
  readonly clock: ManualClock;
  readonly history = new History();
  /** The shared server, where there is one. */
  readonly server: RedisInMemory | undefined;
  /** How many slow writes have passed whatever stands before their method. */
  slowWritesBegun = 0;
  private readonly timers: ManualTimers | undefined;
  private readonly deaths = new Map<string, () => void>();
  private readonly dead = new Set<string>();

  constructor(
    private readonly scheduler: Scheduler,
    adapters: Adapters,
    { oneByOne = false }: WorldOptions = {},
  ) {
    if (!OVER_REDIS.includes(adapters)) {
      [this.here, this.there] = instancesInProcess(adapters, (step) => this.gate(step));
      this.clock = this.here.engine.clock;
      return;
    }
    const clock = new ManualClock();
    this.clock = clock;
    this.timers = new ManualTimers(() => clock.nowMs());
    this.timers.install();
    const server = new RedisInMemory(clock);
    this.server = server;
    const options = {
      server,
      clock,
      oneByOne,
      withCopies: adapters === 'redis-with-copies',
      gate: (whose: string, step: string) => scheduler.gate(`${whose}: ${step}`),
      by: () => OPERATION.getStore()?.by,
    };
    this.here = instanceOverRedis('p1', options);
    this.there = instanceOverRedis('p2', options);
  }

  end(): void {
    this.timers?.restore();
  }

  /** Waits for its turn, under the name of the operation that it belongs to; what a dead process does next never happens. */
  async gate(step: string): Promise<void> {
    await this.scheduler.gate(`${this.by()}: ${step}`);
    if (this.dead.has(OPERATION.getStore()?.at ?? '')) await NEVER;
  }

  /** Whose step this is. */
  by(): string {
    return OPERATION.getStore()?.by ?? 'after';
  }

  /** A cached function over rows of the source, as one instance declares it. */
  cached(declared: CachedRows, load: ReadRow = (row) => this.query(row), at = this.here): ReadRow {
    return at.engine.cached(declared, load);
  }

  /** The same cache in both instances. */
  cachedTwice(declared: CachedRows, load?: ReadRow): { readonly here: ReadRow; readonly there: ReadRow } {
    return { here: this.cached(declared, load), there: this.cached(declared, load, this.there) };
  }

  /** Reads at once and answers when the schedule lets it: the longest that a value can be on its way. */
  async query(row: string, times = 1): Promise<Rows> {
    const saw = { [row]: this.history.commitsOf(row) };
    for (let time = 1; time <= times; time += 1) await this.gate(`${row} answers`);

    return saw;
  }

  /** Somebody does something in an instance; when that dies, nobody waits for the rest. */
  doing(by: string, at: Instance, work: () => Promise<void>): Promise<void> {
    const death = new Promise<void>((resolve) => {
      const others = this.deaths.get(at.name);
      this.deaths.set(at.name, () => {
        resolve();
        others?.();
      });
    });

    return Promise.race([death, OPERATION.run({ by, at: at.name }, work)]);
  }

  /** Somebody reads. */
  reading(by: string, read: () => Promise<Rows>, at = this.here): Promise<void> {
    return this.doing(by, at, async () => {
      await this.gate('starts');
      const startedAt = this.history.now();
      const startedMs = this.clock.nowMs();
      const saw = await read();
      this.history.now();
      if (!this.dead.has(at.name)) this.history.read({ by, at: at.name, startedAt, startedMs, saw });
    });
  }

  /** Somebody writes: commits at once, returns when the schedule lets it, and is acknowledged after its evictions. */
  writing(by: string, row: string, policy: EvictPolicy<[], Write> = evicting(row), at = this.here): Promise<void> {
    return this.evictingAround(by, at, policy, async () => {
      const written = this.commit(row, at);
      await this.gate('method returns');
      return written;
    });
  }

  /**
   * As {@link writing}, but the method takes its time before it commits, as a transaction does.
   *
   * @param timeoutMs how long it may take, after which the database refuses to commit
   */
  writingSlowly(by: string, row: string, at = this.here, timeoutMs = Infinity): Promise<void> {
    return this.evictingAround(by, at, evicting(row), async () => {
      const begunMs = this.clock.nowMs();
      this.slowWritesBegun += 1;
      await this.gate('commits');
      if (this.clock.nowMs() - begunMs > timeoutMs) throw new StatementTimeoutError();
      const written = this.commit(row, at);
      await this.gate('method returns');
      return written;
    });
  }

  /** Somebody writes past the cache: nothing is evicted. */
  writingUnseen(by: string, row: string): Promise<void> {
    return this.doing(by, this.here, async () => {
      await this.gate('commits');
      this.acknowledge(this.commit(row));
    });
  }

  commit(row: string, at = this.here): Write {
    return this.history.commit(row, at.name, this.clock.nowMs());
  }

  /** A write that an operation makes on its way is acknowledged when it says so. */
  acknowledge(written: Write): void {
    written.acknowledgedAt = this.history.now();
    written.acknowledgedMs = this.clock.nowMs();
  }

  /**
   * A write of an instance. That the store keeps it from being announced or evicted is an answer, and no fault of the library;
   * that it has committed then is what the history knows.
   */
  async write(at: Instance, policy: EvictPolicy<[], Write>, method: () => Promise<Write>): Promise<Write | undefined> {
    let committed: Write | undefined;
    try {
      await at.engine.writing(policy, async () => {
        committed = await method();
        return committed;
      })();
      if (committed !== undefined) this.acknowledge(committed);
    } catch (error) {
      if (error instanceof EvictionFailedError && committed !== undefined) committed.failedAt = this.history.now();
      else if (!(error instanceof WriteRefusedError || error instanceof StatementTimeoutError)) throw error;
    }

    return committed;
  }

  /** Time passes, in steps that fall anywhere between those of the others. */
  passing(...steps: readonly Duration[]): Promise<void> {
    return this.doing('clock', this.here, async () => {
      for (const step of steps) {
        await this.gate(`moves ${step}`);
        this.pass(step);
      }
    });
  }

  pass(by: Duration): void {
    this.clock.advance(by);
    this.timers?.runDue();
  }

  /** Long enough that nothing is announced any more, and no silence proven. */
  passLease(): void {
    this.pass(LEASE);
  }

  /** An instance dies: its next steps never happen. What it has sent already may still be carried out. */
  die(instance: Instance): void {
    this.dead.add(instance.name);
    instance.link?.die();
    this.deaths.get(instance.name)?.();
  }

  private evictingAround(
    by: string,
    at: Instance,
    policy: EvictPolicy<[], Write>,
    method: () => Promise<Write>,
  ): Promise<void> {
    return this.doing(by, at, async () => {
      await this.gate('starts');
      await this.write(at, policy, method);
    });
  }
}

/** The database has not committed, because the transaction took too long. */
class StatementTimeoutError extends Error {}

/** What outdates a row. */
export function evicting(row: string): EvictPolicy<[], Write> {
  return { tags: { row: () => row } };
}
