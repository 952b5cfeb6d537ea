import { familyTag, valueTag } from '../../entry/tag.js';
import type { FeedPosition } from './feed-position.js';
import { rowsOf } from './sql-client.js';
import type { SqlClient } from './sql-client.js';

interface Change {
  readonly id: string;
  readonly family: string;
  /** Null for the whole family. */
  readonly value: string | null;
}

/**
 * The changes that are noted in a database.
 *
 * The order in which transactions commit is neither that of their numbers nor that of the rows' ids: a row may appear behind
 * others that were read long ago. So a position is a snapshot, and what is new is what is visible in the later one of two and
 * not in the earlier. Nothing waits for a transaction that is still open, and nothing that commits late is passed over.
 */
export class FeedChanges {
  /** A moment until which every change may go, once it is `dueMs`. */
  private pruning: { readonly snapshot: string; readonly dueMs: number } | undefined;

  constructor(
    private readonly changes: string,
    private readonly families: readonly string[],
    private readonly batch: number,
    private readonly keptMs: number,
  ) {}

  async now(client: SqlClient): Promise<FeedPosition> {
    // The timeline changes when a standby takes over, and a server that has crashed may use a number once more.
    const [now] = await rowsOf<FeedPosition>(
      client,
      `SELECT pg_current_snapshot()::text AS snapshot,
              (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "atMs",
              concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
                        extract(epoch FROM pg_postmaster_start_time())) AS server
       FROM pg_control_system()`,
    );
    if (now === undefined) throw new Error('PostgreSQL did not say what time it is');

    return now;
  }

  /** The tags of what was committed between two moments, in batches. */
  async *between(client: SqlClient, from: FeedPosition, until: FeedPosition): AsyncGenerator<readonly string[]> {
    let after = '0';
    for (let found = this.batch; found === this.batch;) {
      const changes = await rowsOf<Change>(
        client,
        `WITH period AS (SELECT $1::pg_snapshot AS seen, $2::pg_snapshot AS until)
         SELECT id::text AS id, family, value FROM ${this.changes}, period
         WHERE transaction_id >= pg_snapshot_xmin(seen)
           AND NOT pg_visible_in_snapshot(transaction_id, seen) AND pg_visible_in_snapshot(transaction_id, until)
           AND id > $3::bigint AND family IN (SELECT jsonb_array_elements_text($4::jsonb))
         ORDER BY ${this.changes}.id LIMIT $5`,
        [from.snapshot, until.snapshot, after, JSON.stringify(this.families), this.batch],
      );
      found = changes.length;
      after = changes.at(-1)?.id ?? after;
      if (found > 0) yield [...new Set(changes.map(tagOf))];
    }
  }

  /**
   * Removes what was committed longer ago than it is kept for.
   *
   * By the moment of the commit and not of the change: a transaction may stay open for longer than that.
   */
  async prune(client: SqlClient, now: FeedPosition): Promise<void> {
    if (this.pruning !== undefined && now.atMs >= this.pruning.dueMs) {
      const { snapshot } = this.pruning;
      this.pruning = undefined;
      await client.query(`DELETE FROM ${this.changes} WHERE transaction_id < pg_snapshot_xmin($1::pg_snapshot)`, [
        snapshot,
      ]);
    }
    this.pruning ??= { snapshot: now.snapshot, dueMs: now.atMs + this.keptMs };
  }
}

function tagOf({ family, value }: Change): string {
  return value === null ? familyTag(family) : valueTag(family, value);
}
