import { AsyncLocalStorage } from 'node:async_hooks';
import { CallerSession } from '../../../../src/context/caller-session.js';
import { InProcessVersionStore } from '../../../../src/coordination/in-process/in-process-version-store.js';
import { VersionStore } from '../../../../src/coordination/version-store.js';
import type { TagList } from '../../../../src/coordination/version-store.js';
import type { CacheEntry } from '../../../../src/entry/cache-entry.js';
import type { VersionSnapshot } from '../../../../src/entry/version-snapshot.js';
import { EntryStore } from '../../../../src/storage/entry-store.js';
import type { EntryAddress, Lookup } from '../../../../src/storage/entry-store.js';
import { cacheInMemory, entriesIn } from '../../../../src/storage/stores.js';
import type { Duration } from '../../../../src/time/duration.js';
import { EngineUnderTest } from '../../../support/engine-under-test.js';
import type { Declared } from '../../../support/engine-under-test.js';
import type { Scheduler } from '../schedule.js';

/** Which adapters wait at gates: none (all in memory, in one step), the entries, or the versions. */
export type Adapters = 'in-memory' | 'slow-entries' | 'slow-versions';
export const ADAPTERS: readonly Adapters[] = ['in-memory', 'slow-entries', 'slow-versions'];

/** Whose step is running. */
const OPERATION = new AsyncLocalStorage<string>();

/** What a read saw of each row: how many commits it had had. */
export type Rows = Readonly<Record<string, number>>;

interface Read {
  readonly by: string;
  readonly startedAt: number;
  readonly startedMs: number;
  readonly saw: Rows;
}

interface Write {
  readonly row: string;
  /** The row's number of commits with this one. */
  readonly commits: number;
  readonly committedMs: number;
  readonly committedAt: number;
  acknowledgedAt: number;
}

/** What a caller does in its session. */
export type SessionAct = { readonly read: () => Promise<Rows> } | { readonly write: string };

/** Rows that commit, caches over them, and the history of who read and wrote what, in the order of one schedule. */
export class ScheduledWorld {
  readonly engine: EngineUnderTest;
  /** Another instance over the same stores: it shares no loads with the first. */
  readonly elsewhere: EngineUnderTest;
  private readonly rows = new Map<string, number>();
  private readonly reads: Read[] = [];
  private readonly writes: Write[] = [];
  private readonly wentBack: string[] = [];
  private moment = 0;

  constructor(
    private readonly scheduler: Scheduler,
    adapters: Adapters,
  ) {
    const gate: Gate = (step) => this.gate(step);
    this.engine = new EngineUnderTest({
      entries: (clock) => {
        const kept = entriesIn(cacheInMemory(10), 'test', clock, 150);
        return adapters === 'slow-entries' ? new SlowEntryStore(kept, gate) : kept;
      },
      versions: adapters === 'slow-versions' ? new SlowVersionStore(gate) : new InProcessVersionStore(100),
    });
    const { clock, entries, versions, intents } = this.engine;
    this.elsewhere = new EngineUnderTest({ clock, entries: () => entries, versions, intents });
  }

  /** Waits for its turn, under the name of the operation that it belongs to. */
  gate(step: string): Promise<void> {
    return this.scheduler.gate(`${this.by()}: ${step}`);
  }

  /** Whose step this is. */
  by(): string {
    return OPERATION.getStore() ?? 'after';
  }

  /** A cached function over rows of the source. */
  cached(
    declared: Declared<[row: string], Rows>,
    load: (row: string) => Promise<Rows> = (row) => this.query(row),
    on: EngineUnderTest = this.engine,
  ): (row: string) => Promise<Rows> {
    return on.cached(declared, load);
  }

  /** Reads at once and answers when the schedule lets it: the longest that a value can be on its way. */
  async query(row: string, times = 1): Promise<Rows> {
    const saw = { [row]: this.commitsOf(row) };
    for (let time = 1; time <= times; time += 1) await this.gate(`${row} answers`);

    return saw;
  }

  /** Somebody reads. */
  reading(by: string, read: () => Promise<Rows>): Promise<void> {
    return OPERATION.run(by, async () => {
      await this.gate('starts');
      const startedAt = this.now();
      const startedMs = this.engine.clock.nowMs();
      const saw = await read();
      this.now();
      this.reads.push({ by, startedAt, startedMs, saw });
    });
  }

  /** Somebody writes: commits at once, returns when the schedule lets it, and is acknowledged after its evictions. */
  writing(by: string, row: string, evicts: readonly string[] = ['row']): Promise<void> {
    const write = this.engine.writing(
      { tags: Object.fromEntries(evicts.map((family) => [family, () => row])) },
      async () => {
        const written = this.commit(row);
        await this.gate('method returns');
        return written;
      },
    );

    return OPERATION.run(by, async () => {
      await this.gate('starts');
      this.acknowledge(await write());
    });
  }

  /** As {@link writing}, but the method takes its time before it commits, as a transaction does. */
  writingSlowly(by: string, row: string): Promise<void> {
    const write = this.engine.writing({ tags: { row: () => row } }, async () => {
      await this.gate('commits');
      const written = this.commit(row);
      await this.gate('method returns');
      return written;
    });

    return OPERATION.run(by, async () => {
      await this.gate('starts');
      this.acknowledge(await write());
    });
  }

  /**
   * One caller does several things, one after the other, in one session. Each takes a millisecond, because a session is told
   * by instants.
   */
  session(by: string, ...acts: readonly SessionAct[]): Promise<void> {
    const { clock, scopes, versions } = this.engine;
    const issue = { secret: 'of the tests', epoch: () => versions.epoch, clock, report: () => undefined };
    const session = new CallerSession(issue, () => undefined);
    const write = (row: string): Promise<Write> =>
      this.engine.writing({ tags: { row: () => row } }, async () => {
        await this.gate('commits');
        return this.commit(row);
      })();

    return OPERATION.run(by, () =>
      scopes.within({ session }, async () => {
        let known: Rows = {};
        for (const act of acts) {
          await this.gate('goes on');
          clock.advance('1ms');
          const now = 'read' in act ? await act.read() : await this.committed(write(act.write));
          for (const [row, commits] of Object.entries(now)) {
            if ((known[row] ?? 0) > commits) {
              this.wentBack.push(`${by} saw ${row} at ${commits} after ${known[row] ?? 0}`);
            }
          }
          clock.advance('1ms');
          known = { ...known, ...now };
        }
      }),
    );
  }

  /** Session: no caller saw less than it had seen or written before. */
  sessionsThatWentBack(): readonly string[] {
    return this.wentBack;
  }

  private async committed(writing: Promise<Write>): Promise<Rows> {
    const { row, commits } = await writing;

    return { [row]: commits };
  }

  /** Somebody writes past the cache: nothing is evicted. */
  writingUnseen(by: string, row: string): Promise<void> {
    return OPERATION.run(by, async () => {
      await this.gate('commits');
      this.acknowledge(this.commit(row));
    });
  }

  commit(row: string): Write {
    const commits = this.commitsOf(row) + 1;
    this.rows.set(row, commits);
    const committedMs = this.engine.clock.nowMs();
    const written = { row, commits, committedMs, committedAt: this.now(), acknowledgedAt: Infinity };
    this.writes.push(written);

    return written;
  }

  /** A write that an operation makes on its way is acknowledged when it says so. */
  acknowledge(written: Write): void {
    written.acknowledgedAt = this.now();
  }

  /** Time passes, in steps that fall anywhere between those of the others. */
  passing(...steps: readonly Duration[]): Promise<void> {
    return OPERATION.run('clock', async () => {
      for (const step of steps) {
        await this.gate(`moves ${step}`);
        this.engine.clock.advance(step);
      }
    });
  }

  /** Strong: a read that starts after a write was acknowledged sees that write or a later one. */
  missedWrites(): readonly string[] {
    return this.reads.flatMap(({ by, startedAt, saw }) =>
      this.writes
        .filter(({ row, commits, acknowledgedAt }) => acknowledgedAt < startedAt && (saw[row] ?? commits) < commits)
        .map(({ row, commits }) => `${by} saw ${row} at ${saw[row] ?? 0}, and ${commits} was acknowledged`),
    );
  }

  /** Linearizable: the value was current at some instant of the read, so no later one was committed before it started. */
  missedCommits(): readonly string[] {
    return this.reads.flatMap(({ by, startedAt, saw }) =>
      this.writes
        .filter(({ row, commits, committedAt }) => committedAt < startedAt && (saw[row] ?? commits) < commits)
        .map(({ row, commits }) => `${by} saw ${row} at ${saw[row] ?? 0}, and ${commits} was committed`),
    );
  }

  /** Bounded: the value was current at some instant in [start − max, answer]. */
  staleReads(maxMs: number): readonly string[] {
    return this.reads.flatMap(({ by, startedMs, saw }) =>
      this.writes
        .filter(({ row, commits, committedMs }) => saw[row] === commits - 1 && committedMs < startedMs - maxMs)
        .map(({ row, commits, committedMs }) => {
          return `${by} saw ${row} at ${commits - 1}, which ended ${startedMs - committedMs} ms before it started`;
        }),
    );
  }

  private commitsOf(row: string): number {
    return this.rows.get(row) ?? 0;
  }

  private now(): number {
    this.moment += 1;

    return this.moment;
  }
}

type Gate = (step: string) => Promise<void>;

/**
 * Entries that are found in a later turn, and kept when the schedule lets them. To find them later still would only weaken
 * what their reader is promised.
 */
class SlowEntryStore extends EntryStore {
  constructor(
    private readonly kept: EntryStore,
    private readonly gate: Gate,
  ) {
    super();
  }

  override async find(address: EntryAddress): Promise<Lookup> {
    await Promise.resolve();

    return this.kept.find(address);
  }

  override async put(address: EntryAddress, entry: CacheEntry): Promise<void> {
    await this.gate('entry is put');
    await this.kept.put(address, entry);
  }
}

/** Versions that are read and compared when the schedule lets them, and replaced in a turn after the write. */
class SlowVersionStore extends VersionStore {
  private readonly kept = new InProcessVersionStore(100);

  constructor(private readonly gate: Gate) {
    super();
  }

  override get epoch(): string {
    return this.kept.epoch;
  }

  override async isCurrent(snapshot: VersionSnapshot): Promise<boolean> {
    await this.gate('versions are compared');

    return this.kept.isCurrent(snapshot);
  }

  override async readOrMint(tags: TagList): Promise<VersionSnapshot> {
    await this.gate('versions are read');

    return this.kept.readOrMint(tags);
  }

  override async bump(tags: readonly string[]): Promise<void> {
    await Promise.resolve();
    await this.kept.bump(tags);
  }
}
