import { Pool } from 'pg';
import { registerName } from '../caches.js';
import type { CacheLoad } from '../application/instance-requests.js';
import type { Commit } from '../history/operation.js';

const SCHEMA = `
  CREATE TABLE registers (name text PRIMARY KEY, version integer NOT NULL, writer text NOT NULL);
  CREATE TABLE commits (name text, version integer, writer text NOT NULL, PRIMARY KEY (name, version));`;

interface CommitRow {
  readonly name: string;
  readonly version: number;
  readonly writer: string;
}

/** The registers as the driver sees them: made before an act, and asked after it for every commit. */
export class HarnessDatabase {
  private readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 2 });
  }

  async prepare(): Promise<void> {
    await this.pool.query(SCHEMA);
  }

  async makeRegisters(act: number, loads: readonly CacheLoad[]): Promise<void> {
    const names = loads.flatMap(({ cache, registers }) =>
      Array.from({ length: registers }, (_, index) => registerName(act, cache, index)),
    );
    await this.pool.query("INSERT INTO registers SELECT unnest($1::text[]), 0, ''", [names]);
  }

  async commitsOf(act: number): Promise<readonly Commit[]> {
    const text = 'SELECT name, version, writer FROM commits WHERE name LIKE $1 ORDER BY name, version';
    const { rows } = await this.pool.query<CommitRow>(text, [`${act}/%`]);

    return rows.map(({ name, version, writer }) => ({ register: name, version, id: writer }));
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
