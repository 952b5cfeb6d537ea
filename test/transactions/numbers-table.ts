import { Pool } from 'pg';
import { withinMs } from '../support/within.js';
import { databaseUrl, FIND } from './rows.js';

/**
 * A table whose transactions can be held at their very COMMIT, and refused there: its trigger runs when everything has been
 * written, and waits for whoever has locked the commits.
 */
export const NUMBERS = [
  'CREATE TABLE numbers (id text PRIMARY KEY, value integer NOT NULL)',
  `CREATE FUNCTION check_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.value < 0 THEN RAISE EXCEPTION 'a number is below zero' USING ERRCODE = 'check_violation'; END IF;
      PERFORM pg_advisory_xact_lock_shared(hashtext('commits'));
      RETURN NULL;
    END $$`,
  `CREATE CONSTRAINT TRIGGER numbers_checked AFTER UPDATE ON numbers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_at_commit()`,
  "INSERT INTO numbers VALUES ('a', 0), ('b', 0), ('c', 0)",
];

const WAITING = `
  SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** The same table over connections of its own, past the library under test. */
export class NumbersTable {
  private readonly pool = new Pool({ connectionString: databaseUrl() });

  async create(): Promise<void> {
    for (const statement of NUMBERS) await this.pool.query(statement);
  }

  async add(...ids: readonly string[]): Promise<void> {
    await this.pool.query('INSERT INTO numbers SELECT unnest($1::text[]), 0', [ids]);
  }

  /** What is committed. */
  async valueOf(id: string): Promise<number> {
    const { rows } = await this.pool.query<{ readonly value: number }>(FIND, [id]);

    return rows[0]?.value ?? NaN;
  }

  /** Runs a transaction whose commit waits while `meanwhile` runs, which begins when it does. */
  async holdingCommit(transaction: () => Promise<void>, meanwhile: () => Promise<void>): Promise<void> {
    const holder = await this.pool.connect();
    let committed: Promise<void>;
    try {
      await holder.query("SELECT pg_advisory_lock(hashtext('commits'))");
      committed = transaction();
      await withinMs(5_000, async () => ((await this.pool.query(WAITING)).rowCount ?? 0) > 0);
      await meanwhile();
    } finally {
      await holder.query("SELECT pg_advisory_unlock(hashtext('commits'))");
      holder.release();
    }
    await committed;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
