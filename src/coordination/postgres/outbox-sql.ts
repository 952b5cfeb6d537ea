import { quotedName, quotedTable } from './sql-client.js';

/** Where the outbox is kept unless another table is named. */
export const OUTBOX_TABLE = 'ncc_outbox';

/**
 * The table of the outbox, as a migration. It may be run again.
 *
 * @param table as given to `postgresOutbox`, with its schema if it has one: `'shop.ncc_outbox'`
 */
export function outboxSql(table = OUTBOX_TABLE): string {
  return `
-- What committed transactions have outdated and nobody has confirmed as evicted.
CREATE TABLE IF NOT EXISTS ${quotedTable(table)} (
  id        uuid PRIMARY KEY,
  namespace text NOT NULL,
  tags      jsonb NOT NULL,
  due_at    timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS ${quotedName(`${table.split('.').at(-1) ?? table}_due`)} ON ${quotedTable(table)} (namespace, due_at);
`.trimStart();
}

/** What is sent to the outbox. */
export function outboxStatements(table: string) {
  const outbox = quotedTable(table);

  return {
    exists: `SELECT to_regclass($1) IS NOT NULL AS "exists"`,
    record: `INSERT INTO ${outbox} (id, namespace, tags, due_at)
      VALUES ($1::uuid, $2, $3::jsonb, clock_timestamp() + $4::float8 * interval '1 millisecond')`,
    /** Whoever claims a row has a grace for it, too; then it is due again. */
    claim: `UPDATE ${outbox} SET due_at = clock_timestamp() + $1::float8 * interval '1 millisecond'
      WHERE id IN (
        SELECT id FROM ${outbox} WHERE namespace = $2 AND due_at <= clock_timestamp()
        ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
      )
      RETURNING id::text AS id, tags`,
    /** What was claimed and could not be evicted is for whoever comes next, before the claim would have ended. */
    release: `UPDATE ${outbox} SET due_at = clock_timestamp()
      WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)::uuid)`,
    remove: `DELETE FROM ${outbox} WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)::uuid)`,
  };
}
