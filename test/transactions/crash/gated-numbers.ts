import type { Transactions } from 'nestjs-consistent-cache';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, PoolClient } from 'pg';
import { FIND, SET } from '../rows.js';
import type { GatePoint } from './crash-point.js';

/** Numbers whose transactions wait at a point until they are released. */
export class GatedNumbers {
  private readonly open = new AsyncLocalStorage<PoolClient>();
  private released: (() => void)[] = [];
  loads = 0;

  constructor(
    private readonly pool: Pool,
    private readonly transactions: Transactions,
  ) {}

  async find(id: string): Promise<number> {
    this.loads += 1;
    const { rows } = await (this.open.getStore() ?? this.pool).query<{ readonly value: number }>(FIND, [id]);

    return rows[0]?.value ?? NaN;
  }

  async set(id: string, value: number): Promise<void> {
    await (this.open.getStore() ?? this.pool).query(SET, [id, value]);
  }

  /** @param arrived told when the transaction waits at its point */
  async transaction(at: GatePoint, arrived: () => void, body: () => Promise<void>): Promise<void> {
    const pass = (point: GatePoint): Promise<void> | undefined => {
      if (point !== at) return undefined;
      arrived();
      return new Promise((goOn) => this.released.push(goOn));
    };

    await this.transactions.run(async (inside) => {
      const client = await this.pool.connect();
      await client.query('BEGIN');
      await pass('before-body');
      await inside(async () => {
        await this.open.run(client, body);
        await pass('in-body');
      }, client);
      await client.query('COMMIT');
      await pass('after-commit');
      client.release();
    });
  }

  release(): void {
    for (const goOn of this.released) goOn();
    this.released = [];
  }
}
