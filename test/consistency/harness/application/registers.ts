import type { Pool } from 'pg';
import type { Delays } from './delays.js';
import type { Register } from './register.js';
import type { WriteGate } from './write-gate.js';

const FIND = 'SELECT version, writer FROM registers WHERE name = $1';
const REVISION = 'SELECT version, writer FROM commits WHERE name = $1 AND version = $2';
/** Increments under the row's lock, so the versions of a register are the order of its commits. */
const WRITE = `
  WITH written AS (UPDATE registers SET version = version + 1, writer = $2 WHERE name = $1 RETURNING *)
  INSERT INTO commits SELECT name, version, writer FROM written RETURNING version, writer`;

interface Row {
  readonly version: number;
  readonly writer: string;
}

/** The origin: registers in PostgreSQL, which is slow at times. */
export class Registers {
  constructor(
    private readonly pool: Pool,
    private readonly delays: Delays,
    private readonly gate: WriteGate,
  ) {}

  async find(name: string): Promise<Register> {
    const row = await this.one('find', FIND, [name]);
    await this.delays.afterLoad();

    return { name, ...row };
  }

  async revision(name: string, version: number): Promise<Register> {
    const row = await this.one('revision', REVISION, [name, version]);
    await this.delays.afterLoad();

    return { name, ...row };
  }

  async write(name: string, id: string): Promise<number> {
    await this.delays.beforeWrite();
    await this.gate.beforeStatement(name);
    const { version } = await this.one('write', WRITE, [name, id]);
    await this.gate.afterCommit(name, id);
    await this.delays.afterCommit();

    return version;
  }

  private async one(statement: string, text: string, values: readonly unknown[]): Promise<Row> {
    const { rows } = await this.pool.query<Row>({ name: statement, text, values: [...values] });
    const [row] = rows;
    if (row === undefined) throw new Error(`there is no ${values.join(' ')}`);

    return row;
  }
}
