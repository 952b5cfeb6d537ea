import { StoreRefusedError } from '../coordination.errors.js';
import { quotedName, quotedTable, quotedText } from './sql-client.js';

/** The table, with its schema if it needs one, and the column whose text is the value of the family. */
export interface FedColumn {
  readonly table: string;
  readonly column: string;
}

/** By family, what its values are read from. */
export type FedFamilies = Readonly<Record<string, FedColumn | readonly FedColumn[]>>;

export interface FedTable extends FedColumn {
  readonly family: string;
}

/** Where the tables of the feed are unless another schema is named. */
export const FEED_SCHEMA = 'public';
/** What a committed change wakes listeners with. */
export const CHANNEL = 'ncc_changes';

/** A statement that changes more values than this is noted as a change of the whole family. */
const VALUES_PER_STATEMENT = 1_000;
/** PostgreSQL cuts off longer names without a word. */
const LONGEST_NAME = 63;
const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const;

/**
 * What makes a database note changes of these families, as a migration. It may be run again, and replaces what it made before.
 *
 * The triggers write in the writer's own transaction: a change is noted if and only if it is committed.
 *
 * @param schema where the tables of the feed are made
 * @throws {StoreRefusedError} for a family whose name is too long to be part of a trigger's
 */
export function externalWritesSql(families: FedFamilies, schema = FEED_SCHEMA): string {
  const names = feedNames(schema);

  return [tablesSql(names), notingSql(names), ...fedTablesOf(families).map((fed) => triggersSql(fed, names))].join(
    '\n',
  );
}

export function feedNames(schema: string) {
  return {
    changes: `${quotedName(schema)}.ncc_changes`,
    readers: `${quotedName(schema)}.ncc_readers`,
    noteChanges: `${quotedName(schema)}.ncc_note_changes`,
  };
}

type FeedNames = ReturnType<typeof feedNames>;

/** One for each table that a family is fed from. */
export function fedTablesOf(families: FedFamilies): readonly FedTable[] {
  return Object.entries(families).flatMap(([family, columns]) =>
    (Array.isArray(columns) ? (columns as readonly FedColumn[]) : [columns as FedColumn]).map((fed) => ({
      family,
      ...fed,
    })),
  );
}

/** The names of the triggers on one table, so that it can be seen whether they are there. */
export function triggerNamesOf({ family }: FedTable): readonly string[] {
  return EVENTS.map((event) => triggerName(family, event));
}

function tablesSql({ changes, readers }: FeedNames): string {
  return `-- What was changed, by whichever program. Not its id but its transaction says what was committed when.
CREATE TABLE IF NOT EXISTS ${changes} (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  family         text NOT NULL,
  value          text -- NULL: every value of the family
);
CREATE INDEX IF NOT EXISTS ncc_changes_by_transaction ON ${changes} (transaction_id);

-- How far readers that share a position have carried out the changes.
CREATE TABLE IF NOT EXISTS ${readers} (
  reader        text PRIMARY KEY,
  position      jsonb,
  claimed_by    uuid,
  claimed_until timestamptz NOT NULL DEFAULT '-infinity'
);
`;
}

/** Runs as its owner, so that the other programs need no rights on the tables of the feed. */
function notingSql({ changes, noteChanges }: FeedNames): string {
  return `CREATE OR REPLACE FUNCTION ${noteChanges}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $note$
DECLARE
  family text := TG_ARGV[0];
  changed text := CASE TG_OP
    WHEN 'INSERT' THEN 'SELECT %1$I::text FROM new_rows'
    WHEN 'DELETE' THEN 'SELECT %1$I::text FROM old_rows'
    ELSE 'SELECT %1$I::text FROM old_rows UNION SELECT %1$I::text FROM new_rows' END;
  noted bigint;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO ${changes} (family) VALUES (family);
    noted := 1;
  ELSE
    EXECUTE format(
      'WITH changed (value) AS (' || changed || '),
            few AS (SELECT DISTINCT value FROM changed WHERE value IS NOT NULL LIMIT ${VALUES_PER_STATEMENT + 1})
       INSERT INTO ${changes} (family, value)
       SELECT DISTINCT $1, CASE WHEN (SELECT count(*) FROM few) <= ${VALUES_PER_STATEMENT} THEN value END FROM few',
      TG_ARGV[1]
    ) USING family;
    GET DIAGNOSTICS noted = ROW_COUNT;
  END IF;
  -- Whoever has notified cannot be prepared, and another program's two phases are worth more than being early.
  IF noted > 0 AND current_setting('max_prepared_transactions')::int = 0 THEN PERFORM pg_notify('${CHANNEL}', ''); END IF;
  RETURN NULL;
END
$note$;
`;
}

function triggersSql(fed: FedTable, { noteChanges }: FeedNames): string {
  const table = quotedTable(fed.table);
  const rows = {
    insert: ' REFERENCING NEW TABLE AS new_rows',
    update: ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows',
    delete: ' REFERENCING OLD TABLE AS old_rows',
    truncate: '',
  };

  return EVENTS.map((event) => {
    const name = quotedName(triggerName(fed.family, event));
    return `DROP TRIGGER IF EXISTS ${name} ON ${table};
CREATE TRIGGER ${name} AFTER ${event.toUpperCase()} ON ${table}${rows[event]}
  FOR EACH STATEMENT EXECUTE FUNCTION ${noteChanges}(${quotedText(fed.family)}, ${quotedText(fed.column)});
`;
  }).join('');
}

function triggerName(family: string, event: (typeof EVENTS)[number]): string {
  const name = `ncc_${event}_${family}`;
  if (Buffer.byteLength(name) > LONGEST_NAME) {
    throw new StoreRefusedError(
      'postgresFeed',
      `The name of family '${family}' is too long for a trigger`,
      'Shorten it',
    );
  }

  return name;
}
