import { quotedName, quotedTable } from './sql-client.js';

/** Where the outbox is kept unless another table is named. */
export const OUTBOX_TABLE = 'ncc_outbox';

/** What no instance of its own store has taken for so long is nobody's any more; the versions of values are not kept for longer. */
const ABANDONED = `recorded_at < clock_timestamp() - interval '7 days'`;

/**
 * The table of the outbox, as a migration. It may be run again.
 *
 * @param table as given to `postgresOutbox`, with its schema if it has one: `'shop.ncc_outbox'`
 */
export function outboxSql(table = OUTBOX_TABLE): string {
  return `
-- What committed transactions have outdated and nobody has confirmed as evicted in the store of their writer.
CREATE TABLE IF NOT EXISTS ${quotedTable(table)} (
  id          uuid PRIMARY KEY,
  namespace   text NOT NULL,
  store       text NOT NULL,
  tags        jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  due_at      timestamptz NOT NULL,
  relayed_in  jsonb NOT NULL DEFAULT '[]' -- other stores of the namespace
);
CREATE INDEX IF NOT EXISTS ${quotedName(`${table.split('.').at(-1) ?? table}_due`)} ON ${quotedTable(table)} (namespace, due_at);
`.trimStart();
}

/** What is sent to the outbox. */
export function outboxStatements(table: string) {
  const outbox = quotedTable(table);

  return {
    exists: `SELECT to_regclass($1) IS NOT NULL AS "exists"`,
    record: `INSERT INTO ${outbox} (id, namespace, store, tags, due_at)
      VALUES ($1::uuid, $2, $3, $4::jsonb, clock_timestamp() + $5::float8 * interval '1 millisecond')`,
    /**
     * Whoever claims a row has a grace for it, too; then it is due again.
     *
     * Those of other stores as well, once: whether such a store is another one, or this one under an id that it has lost, cannot be told.
     */
    claim: `UPDATE ${outbox} SET due_at = clock_timestamp() + $1::float8 * interval '1 millisecond'
      WHERE id IN (
        SELECT id FROM ${outbox} WHERE namespace = $2 AND due_at <= clock_timestamp()
          AND (NOT relayed_in @> to_jsonb($3::text) OR ${ABANDONED})
        ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED
      )
      RETURNING id::text AS id, tags, store = $5 OR ${ABANDONED} AS "isLast"`,
    /** What was claimed and could not be evicted is for whoever comes next, before the claim would have ended. */
    release: `UPDATE ${outbox} SET due_at = clock_timestamp()
      WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)::uuid)`,
    /** Evicted here, and due at once where it is owed. */
    pass: `UPDATE ${outbox} SET due_at = clock_timestamp(), relayed_in = relayed_in || to_jsonb($1::text)
      WHERE id IN (SELECT jsonb_array_elements_text($2::jsonb)::uuid)`,
    remove: `DELETE FROM ${outbox} WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)::uuid)`,
  };
}
