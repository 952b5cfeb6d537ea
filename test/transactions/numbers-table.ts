import { Client } from 'pg';
import { withinMs } from '../support/within.js';
import { databaseUrl } from './rows.js';

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

/** The same table over a connection of its own, past the library under test. */
export class NumbersTable {
  private constructor(private readonly client: Client) {}

  static async open(): Promise<NumbersTable> {
    const client = new Client({ connectionString: databaseUrl() });
    await client.connect();

    return new NumbersTable(client);
  }

  async create(): Promise<void> {
    for (const statement of NUMBERS) await this.client.query(statement);
  }

  /** No transaction that has changed a number commits until `releaseCommits`. */
  async holdCommits(): Promise<void> {
    await this.client.query("SELECT pg_advisory_lock(hashtext('commits'))");
  }

  async releaseCommits(): Promise<void> {
    await this.client.query("SELECT pg_advisory_unlock(hashtext('commits'))");
  }

  /** Settles when one has asked for its commit, and waits. */
  async untilHeld(): Promise<void> {
    await withinMs(5_000, async () => {
      const { rowCount } = await this.client.query(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      );
      return (rowCount ?? 0) > 0;
    });
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
