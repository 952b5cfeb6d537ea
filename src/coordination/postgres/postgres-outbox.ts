import { randomUUID } from 'node:crypto';
import { withDeadline } from '../../resilience/deadline.js';
import { toMs } from '../../time/duration.js';
import type { Duration } from '../../time/duration.js';
import { OutboxFailedError, StoreRefusedError } from '../coordination.errors.js';
import { EvictionOutbox } from '../eviction-outbox.js';
import type { Evict, OpenOutbox, OutboxContext } from '../eviction-outbox.js';
import { OUTBOX_TABLE, outboxStatements } from './outbox-sql.js';
import { quotedTable, rowsOf } from './sql-client.js';
import type { SqlClient } from './sql-client.js';
import { SteadyWork } from './steady-work.js';
import type { Round } from './steady-work.js';

export interface PostgresOutboxOptions<Handle = SqlClient> {
  /** For everything outside the transactions: a `Pool` of `pg`, which stays yours to end. */
  readonly pool: SqlClient;
  /**
   * Makes the client of a transaction from the handle that its library gives.
   *
   * @default the handle itself, as a `Client` of `pg` is one
   */
  readonly sqlOf?: (handle: Handle) => SqlClient;
  /** Made by `outboxSql`. @default 'ncc_outbox' */
  readonly table?: string;
  /** How long a writer, or an instance that relays, has to evict by itself before another one does it. @default '5s' */
  readonly grace?: Duration;
  /** How often each instance looks for what is due. @default '5s' */
  readonly period?: Duration;
  /** How many transactions are relayed at once. @default 100 */
  readonly batch?: number;
}

/** A statement that takes longer is tried again at the next period. */
const STATEMENT_MS = 10_000;

/**
 * Writes down, in the transaction that makes them necessary, which evictions it owes.
 *
 * @throws {InvalidDurationError}
 */
export function postgresOutbox<Handle = SqlClient>(options: PostgresOutboxOptions<Handle>): EvictionOutbox {
  const { pool, sqlOf, table = OUTBOX_TABLE, grace = '5s', period = '5s', batch = 100 } = options;

  return new PostgresOutbox({
    pool,
    sqlOf: (sqlOf ?? ((handle: unknown) => handle)) as Settings['sqlOf'],
    table,
    graceMs: toMs(grace),
    periodMs: toMs(period),
    batch,
  });
}

interface Settings {
  readonly pool: SqlClient;
  readonly sqlOf: (handle: unknown) => Partial<SqlClient> | undefined;
  readonly table: string;
  readonly graceMs: number;
  readonly periodMs: number;
  readonly batch: number;
}

class PostgresOutbox extends EvictionOutbox {
  constructor(private readonly settings: Settings) {
    super();
  }

  override open(context: OutboxContext): OpenOutbox {
    return new OpenPostgresOutbox(this.settings, context);
  }
}

interface DueRecord {
  readonly id: string;
  /** Of this store, or of one that has not asked for it in all the time. */
  readonly isLast: boolean;
  readonly tags: readonly string[];
}

class OpenPostgresOutbox implements OpenOutbox {
  private readonly sql: ReturnType<typeof outboxStatements>;
  private readonly place: string;
  private readonly relaying: SteadyWork;
  private evict: Evict | undefined;
  /** After a failure, for one period: another instance may reach the store. */
  private standsBack = false;
  /** What is confirmed and still written down. */
  private settled: string[] = [];
  private removing: Promise<void> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly context: OutboxContext,
  ) {
    this.sql = outboxStatements(settings.table);
    this.place = `postgresOutbox, table ${settings.table}`;
    this.relaying = new SteadyWork('outbox', () => this.relayDue(), settings.periodMs, context.clock, context.report);
  }

  async record(handle: unknown, tags: readonly string[]): Promise<string> {
    const client = handle === undefined ? undefined : this.settings.sqlOf(handle);
    if (typeof client?.query !== 'function') {
      throw new OutboxFailedError(
        this.place,
        'The transaction gives nothing to write with',
        'Let its adapter hand the transaction over (transactional does), and give sqlOf, which makes a client of it',
      );
    }
    const id = randomUUID();
    try {
      const { namespace, store } = this.context;
      await client.query(this.sql.record, [id, namespace, store, JSON.stringify(tags), this.settings.graceMs]);
    } catch (cause) {
      const fix = 'Run what outboxSql returns as a migration, and let this role write to the table';
      throw new OutboxFailedError(this.place, 'What it outdates could not be written down', fix, cause);
    }

    return id;
  }

  settle(records: readonly string[]): void {
    this.settled.push(...records);
    this.removing ??= this.removeSettled().finally(() => {
      this.removing = undefined;
    });
  }

  async relay(evict: Evict): Promise<void> {
    const [found] = await this.ask<{ exists: boolean }>(this.sql.exists, [quotedTable(this.settings.table)]).catch(
      (cause: unknown) => {
        throw new StoreRefusedError(this.place, 'PostgreSQL does not answer', 'Check the pool', cause);
      },
    );
    if (found?.exists !== true) {
      throw new StoreRefusedError(this.place, 'There is no such table', 'Run what outboxSql returns as a migration');
    }
    this.evict = evict;
    this.relaying.start();
  }

  async close(): Promise<void> {
    await this.relaying.stop();
    await this.removing;
  }

  private async relayDue(): Promise<Round> {
    if (this.standsBack) {
      this.standsBack = false;
      return 'left-to-others';
    }
    const { batch, graceMs } = this.settings;
    const { namespace, store } = this.context;
    for (let claimed = batch; claimed === batch;) {
      const due = await this.ask<DueRecord>(this.sql.claim, [graceMs, namespace, store, batch, store]);
      claimed = due.length;
      if (claimed > 0) await this.relayAll(due);
    }

    return 'done';
  }

  /** At least once: a row goes only after its eviction was confirmed in its store. */
  private async relayAll(due: readonly DueRecord[]): Promise<void> {
    const tags = [...new Set(due.flatMap((row) => row.tags))];
    try {
      await this.evict?.(tags);
    } catch (error) {
      this.standsBack = true;
      // What cannot be released is due again after its grace.
      await this.ask(this.sql.release, [idsOf(due)]).catch(() => undefined);
      throw error;
    }
    await this.relayed(due);
    this.context.report({ type: 'eviction-relayed', tags });
  }

  /** What another store is owed stays until an instance of that one has evicted it there. */
  private async relayed(due: readonly DueRecord[]): Promise<void> {
    const [ours, theirs] = [due.filter(({ isLast }) => isLast), due.filter(({ isLast }) => !isLast)];
    if (ours.length > 0) await this.ask(this.sql.remove, [idsOf(ours)]);
    if (theirs.length > 0) await this.ask(this.sql.pass, [this.context.store, idsOf(theirs)]);
  }

  /** What cannot be removed is relayed once more, which does no harm. */
  private async removeSettled(): Promise<void> {
    while (this.settled.length > 0) {
      await this.ask(this.sql.remove, [JSON.stringify(this.settled.splice(0))]).catch(() => undefined);
    }
  }

  private ask<Row>(text: string, params: (string | number)[]): Promise<readonly Row[]> {
    return withDeadline(this.place, STATEMENT_MS, rowsOf<Row>(this.settings.pool, text, params));
  }
}

function idsOf(records: readonly DueRecord[]): string {
  return JSON.stringify(records.map(({ id }) => id));
}
