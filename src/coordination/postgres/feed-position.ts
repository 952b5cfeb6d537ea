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
  /** @returns where it goes on; `busy` while they are another instance's to carry out, for all */
  claim(client: SqlClient): Promise<FeedPosition | 'busy' | undefined>;
  /** Everything until there has been evicted. */
  keep(client: SqlClient, position: FeedPosition): Promise<void>;
  /** It could not be evicted here; another instance may be able to. */
  release(client: SqlClient): Promise<void>;
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

  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** For how long one instance carries out the changes for all; if it has died by then, another one does. */
const CLAIM_S = 10;

/** All instances that share a store: what one of them evicts is evicted for all, also for those that start later. */
export class SharedPosition implements ReaderPosition {
  private readonly self = randomUUID();
  /** After a failure, for one attempt: of all who are woken, one that cannot reach the store may well be the quickest. */
  private standsBack = false;

  constructor(
    private readonly readers: string,
    private readonly reader: string,
  ) {}

  async claim(client: SqlClient): Promise<FeedPosition | 'busy' | undefined> {
    if (this.standsBack) {
      this.standsBack = false;
      return 'busy';
    }
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

  async release(client: SqlClient): Promise<void> {
    this.standsBack = true;
    await client.query(
      `UPDATE ${this.readers} SET claimed_until = '-infinity' WHERE reader = $1 AND claimed_by = $2::uuid`,
      [this.reader, this.self],
    );
  }
}
