/** The door `nestjs-consistent-cache/postgres`: evictions that outlive their writer, and writes past the application. */
export { outboxSql } from './outbox-sql.js';
export { postgresOutbox } from './postgres-outbox.js';
export type { PostgresOutboxOptions } from './postgres-outbox.js';
export { externalWritesSql } from './external-writes-sql.js';
export type { FedColumn, FedFamilies } from './external-writes-sql.js';
export { postgresFeed } from './postgres-feed.js';
export type { PostgresFeedOptions } from './postgres-feed.js';
export type { SqlClient, SqlConnection } from './sql-client.js';
