import { writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { createShop } from './open-database.js';

// Makes shop.tar.gz anew, after a change of schema.sql or seed.ts. From the root of the repository:
//
//   npm run build:sample && node sample-app/dist/database/make-dump.js
//
// The embedded database takes seconds to create and fill, and half a second to restore.
const target = new URL('../../src/database/shop.tar.gz', import.meta.url);

const client = await PGlite.create();
await createShop(drizzle({ client }));

// What nobody needs would be most of the dump: the template databases, and the log of how the tables were filled.
await client.exec("UPDATE pg_database SET datistemplate = false WHERE datname LIKE 'template%'");
for (const database of ['template0', 'template1']) await client.exec(`DROP DATABASE ${database}`);
await client.exec('VACUUM FULL');
await client.exec('ANALYZE');
for (let round = 0; round < 5; round += 1) {
  await client.exec('SELECT pg_switch_wal()');
  await client.exec('CHECKPOINT');
}

const dump = await client.dumpDataDir('gzip');
await writeFile(target, Buffer.from(await dump.arrayBuffer()));
await client.close();
console.log(`${target.pathname}: ${Math.round(dump.size / 1024)} KB`);
