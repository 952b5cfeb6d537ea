/**
 * What sends one statement: a `Pool` or `Client` of `pg` as it is, or a transaction of another library behind one line.
 *
 * In every statement that is sent through it each parameter stands once, in order, and is text or a number.
 */
export interface SqlClient {
  query(text: string, params: (string | number)[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** A connection of one's own, such as a new `Client` of `pg`: it can be told of changes as they are committed. */
export interface SqlConnection extends SqlClient {
  connect(): Promise<unknown>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'notification', listener: () => void): unknown;
}

/** Sends a statement and says what its rows are made of. */
export async function rowsOf<Row>(
  client: SqlClient,
  text: string,
  params: (string | number)[] = [],
): Promise<readonly Row[]> {
  return (await client.query(text, params)).rows as readonly Row[];
}

/** The name of a table, with its schema if it has one: `shop.prices`. */
export function quotedTable(name: string): string {
  return name.split('.').map(quotedName).join('.');
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
