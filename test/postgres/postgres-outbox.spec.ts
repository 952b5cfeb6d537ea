import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate as settled } from 'node:timers/promises';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { outboxSql, postgresOutbox } from 'nestjs-consistent-cache/postgres';
import type { PostgresOutboxOptions, SqlClient } from 'nestjs-consistent-cache/postgres';
import type { OpenOutbox } from '../../src/coordination/eviction-outbox.js';
import type { RelayEvent } from '../../src/coordination/relay-event.js';
import { SystemClock } from '../../src/time/clock.js';
import { withinMs } from '../support/within.js';
import { Database } from './databases.js';

const SOON_MS = 8_000;

let database: Database;
let instances: Instance[] = [];

/** One instance of an application, which notes what it is told to evict. */
class Instance {
  readonly relayed: string[] = [];
  readonly events: RelayEvent[] = [];
  isWell = true;
  readonly outbox: OpenOutbox;

  constructor(options: Partial<PostgresOutboxOptions> = {}, namespace = 'ncc', store = 'one') {
    instances.push(this);
    this.outbox = postgresOutbox({ pool: database.pool, grace: 0, period: '20ms', ...options }).open({
      namespace,
      store,
      clock: new SystemClock(),
      report: (event) => this.events.push(event),
    });
  }

  async relays(): Promise<this> {
    await this.outbox.relay(async (tags) => {
      if (!this.isWell) throw new Error('the store is down');
      this.relayed.push(...tags);
    });

    return this;
  }

  /** A transaction that writes down what it outdates, and ends so. */
  async writes(tags: readonly string[], how: 'COMMIT' | 'ROLLBACK' = 'COMMIT'): Promise<string> {
    const transaction = await database.begin();
    const record = await this.outbox.record(transaction.client, tags);
    await transaction.end(how);

    return record;
  }

  relaysSoon(...tags: readonly string[]): Promise<void> {
    return withinMs(SOON_MS, async () => tags.every((tag) => this.relayed.includes(tag)));
  }
}

const rowsLeft = (): Promise<number> => database.number('SELECT count(*) FROM ncc_outbox');

/** The one row that there is has been evicted in so many other stores. */
const relayedIn = (stores: number): Promise<void> =>
  withinMs(
    SOON_MS,
    async () => (await database.number('SELECT jsonb_array_length(relayed_in) FROM ncc_outbox')) === stores,
  );

beforeAll(async () => {
  database = new Database();
  await database.run(outboxSql());
  // A migration may be run again.
  await database.run(outboxSql());
});
beforeEach(() => database.run('TRUNCATE ncc_outbox'));
afterEach(async () => {
  await Promise.all(instances.map(({ outbox }) => outbox.close()));
  instances = [];
});
afterAll(() => database.close());

describe('the outbox', () => {
  it('keeps what a transaction outdates if it commits, and only then', async () => {
    const writer = new Instance();
    await writer.writes(['vprice'], 'ROLLBACK');
    expect(await rowsLeft()).toBe(0);
    await writer.writes(['vprice', `a tag with "quotes", 'more' and a ,comma`]);
    const other = await new Instance().relays();
    await other.relaysSoon('vprice');

    expect(other.relayed).toEqual(['vprice', `a tag with "quotes", 'more' and a ,comma`]);
    await withinMs(SOON_MS, async () => other.events.length > 0);
    expect(await rowsLeft()).toBe(0);
    expect(other.events).toEqual([{ type: 'eviction-relayed', tags: other.relayed }]);
  });

  it('forgets what its writer has evicted', async () => {
    const writer = new Instance({ grace: '1h' });
    writer.outbox.settle([await writer.writes(['a']), await writer.writes(['b'])]);

    await withinMs(SOON_MS, async () => (await rowsLeft()) === 0);
  });

  it('leaves its writer a grace to evict by itself', async () => {
    const writer = new Instance({ grace: '1h' });
    await writer.writes(['later']);
    await new Instance().writes(['now']);
    const other = await new Instance().relays();
    await other.relaysSoon('now');
    await withinMs(SOON_MS, async () => (await rowsLeft()) === 1);

    expect(other.relayed).toEqual(['now']);
  });

  it('is emptied in batches, by whichever instance is free, each row once', async () => {
    const writer = new Instance();
    const tags = Array.from({ length: 10 }, (_, index) => `tag-${index}`);
    for (const tag of tags) await writer.writes([tag]);
    const two = await Promise.all([1, 2].map(() => new Instance({ batch: 3, grace: '1h' }).relays()));
    await withinMs(SOON_MS, async () => (await rowsLeft()) === 0);

    expect(two.flatMap(({ relayed }) => relayed).sort()).toEqual(tags);
  });

  it('does not wait for what another instance is about to take', async () => {
    const instance = new Instance();
    const taken = await instance.writes(['taken']);
    await instance.writes(['free']);
    const other = await database.begin();
    await other.run(`SELECT FROM ncc_outbox WHERE id = '${taken}' FOR UPDATE`);
    await instance.relays();
    await instance.relaysSoon('free');
    await other.end('ROLLBACK');
    await instance.relaysSoon('taken');

    expect(instance.relayed).toEqual(['free', 'taken']);
  });

  it('keeps what could not be evicted, and says once that it could not', async () => {
    const instance = new Instance();
    instance.isWell = false;
    await instance.writes(['a']);
    await instance.relays();
    await withinMs(SOON_MS, async () => instance.events.length > 0);
    expect(await rowsLeft()).toBe(1);
    instance.isWell = true;
    await instance.relaysSoon('a');
    await withinMs(SOON_MS, async () => instance.events.length > 2);

    expect(await rowsLeft()).toBe(0);
    expect(instance.events.map(({ type }) => type)).toEqual(['relay-suspended', 'eviction-relayed', 'relay-resumed']);
  });

  it('is relayed by another instance when one that has claimed it cannot reach the store', async () => {
    const unwell = new Instance({ grace: '1h' });
    unwell.isWell = false;
    await new Instance().writes(['a']);
    await unwell.relays();
    await withinMs(SOON_MS, async () => unwell.events.length > 0);
    const well = await new Instance().relays();
    await well.relaysSoon('a');

    expect(unwell.relayed).toEqual([]);
  });

  it('is left to other instances for one period by one that could not relay it', async () => {
    const clock = new ManualClock();
    let claims = 0;
    let failures = 0;
    const pool: SqlClient = {
      query: (text, params) => {
        if (text.includes('FOR UPDATE')) claims += 1;
        return database.pool.query(text, params);
      },
    };
    const outbox = postgresOutbox({ pool, grace: 0, period: '1h' }).open({
      namespace: 'ncc',
      store: 'one',
      clock,
      report: () => (failures += 1),
    });
    await new Instance().writes(['a']);
    await outbox.relay(() => Promise.reject(new Error('the store is down')));
    await withinMs(SOON_MS, async () => failures === 1);
    clock.advance('1h');
    await settled();
    expect(claims).toBe(1);
    clock.advance('1h');
    await settled();

    expect(claims).toBe(2);
    await outbox.close();
  });

  it('survives a database that fails, and its writer does not wait for it', async () => {
    let isDown = false;
    const pool: SqlClient = {
      query: (text, params) => (isDown ? Promise.reject(new Error('down')) : database.pool.query(text, params)),
    };
    const instance = await new Instance({ pool }).relays();
    isDown = true;
    instance.outbox.settle(['00000000-0000-4000-8000-000000000000']);
    await withinMs(SOON_MS, async () => instance.events.length > 0);
    isDown = false;
    await withinMs(SOON_MS, async () => instance.events.length > 1);
    await instance.writes(['a']);
    await instance.relaysSoon('a');
    await withinMs(SOON_MS, async () => instance.events.length > 2);

    expect(instance.events.map(({ type, ...rest }) => [type, 'source' in rest ? rest.source : undefined])).toEqual([
      ['relay-suspended', 'outbox'],
      ['relay-resumed', 'outbox'],
      ['eviction-relayed', undefined],
    ]);
  });

  it('is no business of other applications in the same table', async () => {
    await new Instance({}, 'another').writes(['theirs']);
    const instance = await new Instance().relays();
    await instance.writes(['ours']);
    await instance.relaysSoon('ours');

    expect(instance.relayed).toEqual(['ours']);
  });

  it('is relayed in each store of the namespace, and kept until it was in the store of its writer', async () => {
    await new Instance().writes(['a']);
    const others = [await new Instance({}, 'ncc', 'two').relays(), await new Instance({}, 'ncc', 'three').relays()];
    await relayedIn(2);
    await Promise.all(others.map(({ outbox }) => outbox.close()));
    const neighbour = new Instance({}, 'ncc', 'two');
    await neighbour.writes(['end']);
    await neighbour.relays();
    await neighbour.relaysSoon('end');
    expect([...others, neighbour].map(({ relayed }) => relayed)).toEqual([['a'], ['a'], ['end']]);

    const own = await new Instance().relays();
    await own.relaysSoon('a');
    await withinMs(SOON_MS, async () => (await rowsLeft()) === 0);
  });

  it('loses nothing when a store has another id for some of those who share it', async () => {
    await new Instance({}, 'ncc', 'an id that nobody knows any more').writes(['a']);
    const instance = await new Instance().relays();
    await instance.relaysSoon('a');
    await relayedIn(1);
    await database.run(`UPDATE ncc_outbox SET recorded_at = recorded_at - interval '8 days'`);
    await withinMs(SOON_MS, async () => (await rowsLeft()) === 0);

    expect(instance.relayed).toEqual(['a', 'a']);
  });

  it('takes the transaction of another library by one line', async () => {
    const transaction = await database.begin();
    // As an EntityManager of TypeORM: its query answers with the rows alone.
    const manager = {
      rowsOf: async (text: string, params: unknown[]) =>
        (await transaction.client.query(text, params)).rows as unknown[],
    };
    const outbox = postgresOutbox<typeof manager>({
      pool: database.pool,
      sqlOf: (handle) => ({ query: async (text, params) => ({ rows: await handle.rowsOf(text, params) }) }),
    }).open({ namespace: 'ncc', store: 'one', clock: new SystemClock(), report: () => undefined });
    await outbox.record(manager, ['a']);
    await transaction.end('COMMIT');

    expect(await rowsLeft()).toBe(1);
  });
});

describe('a transaction that cannot be recorded', () => {
  it('must not commit: there is no handle, or nothing to send a statement with', async () => {
    const { outbox } = new Instance();

    await expect(outbox.record(undefined, ['a'])).rejects.toMatchObject({ code: 'OUTBOX_FAILED' });
    await expect(outbox.record({ execute: () => undefined }, ['a'])).rejects.toMatchObject({ code: 'OUTBOX_FAILED' });
  });

  it('must not commit: there is no table', async () => {
    const { outbox } = new Instance({ table: 'elsewhere.ncc_outbox' });
    const transaction = await database.begin();

    await expect(outbox.record(transaction.client, ['a'])).rejects.toMatchObject({
      code: 'OUTBOX_FAILED',
      where: 'postgresOutbox, table elsewhere.ncc_outbox',
    });
    await transaction.end('ROLLBACK');
  });
});

it('an outbox without its table, or without a database, stops the start', async () => {
  await expect(new Instance({ table: 'nowhere' }).relays()).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    what: 'There is no such table',
  });
  await expect(
    new Instance({ pool: { query: () => Promise.reject(new Error('down')) } }).relays(),
  ).rejects.toMatchObject({ code: 'STORE_REFUSED', what: 'PostgreSQL does not answer' });
});
