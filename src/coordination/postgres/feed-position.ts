import { randomUUID } from 'node:crypto';
import type { FeedGap } from '../relay-event.js';
import { rowsOf } from './sql-client.js';
import type { SqlClient } from './sql-client.js';

/** A moment of one server: which transactions had ended by then. */
export interface FeedPosition {
  /** A `pg_snapshot`. */
  readonly snapshot: string;
  /** Which server it is, and since when it has been running. Another one has other transactions under the same numbers. */
  readonly server: string;
  /** By the server's clock. */
  readonly atMs: number;
}

/** Why what was changed between two moments cannot be told; undefined when it can. */
export function gapBetween(
  from: FeedPosition | undefined,
  until: FeedPosition,
  longestMs: number,
): FeedGap | undefined {
  if (from === undefined) return 'no-position';
  if (from.server !== until.server) return 'other-server';

  return until.atMs - from.atMs > longestMs ? 'too-long-ago' : undefined;
}

/** Where a reader has arrived. */
export interface ReaderPosition {
  /** @returns where it goes on; `busy` when another instance is carrying out the changes for all of them */
  claim(client: SqlClient): Promise<FeedPosition | 'busy' | undefined>;
  /** Everything until there has been evicted. */
  keep(client: SqlClient, position: FeedPosition): Promise<void>;
}

/** This process alone: what it has cached ends with it, and so does its position. */
export class OwnPosition implements ReaderPosition {
  private position: FeedPosition | undefined;

  claim(): Promise<FeedPosition | undefined> {
    return Promise.resolve(this.position);
  }

  keep(_client: SqlClient, position: FeedPosition): Promise<void> {
    this.position = position;

    return Promise.resolve();
  }
}

/** For how long one instance carries out the changes for all; if it has died by then, another one does. */
const CLAIM_S = 10;

/** All instances that share a store: what one of them evicts is evicted for all, also for those that start later. */
export class SharedPosition implements ReaderPosition {
  private readonly self = randomUUID();

  constructor(
    private readonly readers: string,
    private readonly reader: string,
  ) {}

  async claim(client: SqlClient): Promise<FeedPosition | 'busy' | undefined> {
    await client.query(`INSERT INTO ${this.readers} (reader) VALUES ($1) ON CONFLICT DO NOTHING`, [this.reader]);
    const [claimed] = await rowsOf<{ position: FeedPosition | null }>(
      client,
      `UPDATE ${this.readers} SET claimed_by = $1::uuid, claimed_until = clock_timestamp() + interval '${CLAIM_S} seconds'
       WHERE reader = $2 AND (claimed_until < clock_timestamp() OR claimed_by = $3::uuid)
       RETURNING position`,
      [this.self, this.reader, this.self],
    );

    return claimed === undefined ? 'busy' : (claimed.position ?? undefined);
  }

  /** Not by one whose claim has passed to another: that one begins at an earlier position, and loses nothing. */
  async keep(client: SqlClient, position: FeedPosition): Promise<void> {
    await client.query(
      `UPDATE ${this.readers} SET position = $1::jsonb, claimed_until = '-infinity' WHERE reader = $2 AND claimed_by = $3::uuid`,
      [JSON.stringify(position), this.reader, this.self],
    );
  }
}
