import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { externalWritesSql, postgresFeed } from 'nestjs-consistent-cache/postgres';
import type { PostgresFeedOptions } from 'nestjs-consistent-cache/postgres';
import type { OpenExternalWrites } from '../../src/coordination/external-writes.js';
import { FeedChanges } from '../../src/coordination/postgres/feed-changes.js';
import { SharedPosition } from '../../src/coordination/postgres/feed-position.js';
import type { RelayEvent } from '../../src/coordination/relay-event.js';
import { SystemClock } from '../../src/time/clock.js';
import { withinMs } from '../support/within.js';
import { connectionNamed, Database } from './databases.js';

const FAMILIES = {
  price: { table: 'prices', column: 'sku' },
  shelf: [
    { table: 'shelves', column: 'id' },
    { table: 'prices', column: 'shelf' },
  ],
} as const;
const SOON_MS = 8_000;
/** Longer than any test: what arrives has been notified, or looked up after a connection was lost. */
const NEVER = '1h';

let database: Database;
let readers: Reader[] = [];

/** One instance, which notes what it is told to evict. */
class Reader {
  readonly evicted: string[] = [];
  readonly events: RelayEvent[] = [];
  /** Whether the store confirms evictions. */
  isWell = true;
  /** Whether connections can be made. */
  isConnected = true;
  private readonly feed: OpenExternalWrites;
  private readonly families: readonly string[];

  constructor(
    readonly reader: string | undefined,
    private readonly name = `reader-${readers.length}`,
    options: Partial<PostgresFeedOptions> = {},
  ) {
    readers.push(this);
    this.families = Object.keys(options.families ?? FAMILIES);
    this.feed = postgresFeed({
      connect: () => {
        if (!this.isConnected) throw new Error('no route to the database');
        return connectionNamed(this.name);
      },
      families: FAMILIES,
      period: NEVER,
      ...options,
    }).open({ reader, clock: new SystemClock(), report: (event) => this.events.push(event) });
  }

  async listen(): Promise<this> {
    await this.feed.listen(async (tags) => {
      if (!this.isWell) throw new Error('the store is down');
      this.evicted.push(...tags);
    });

    return this;
  }

  /** Caught up with everything before, and nothing noted. */
  async ready(): Promise<this> {
    await this.listen();
    await this.hears(() => this.events.some(({ type }) => type === 'feed-restarted'));
    await this.isKept();
    this.evicted.length = 0;
    this.events.length = 0;

    return this;
  }

  /** A position that instances share is kept only after its evictions: a connection that is lost in between repeats them. */
  private async isKept(): Promise<void> {
    if (this.reader === undefined) return;
    const name = JSON.stringify([this.reader, ...this.families]);
    const kept = `SELECT count(*) FROM ncc_readers WHERE reader::jsonb = '${name}' AND position IS NOT NULL`;
    await withinMs(SOON_MS, async () => (await database.number(kept)) === 1);
  }

  hears(isSo: () => boolean): Promise<void> {
    return withinMs(SOON_MS, async () => isSo());
  }

  /** What it was told, once it has been told of a change that is made now. */
  async heardSoFar(): Promise<readonly string[]> {
    await database.run(`INSERT INTO prices VALUES ('end') ON CONFLICT (sku) DO UPDATE SET cents = prices.cents + 1`);
    await this.hears(() => this.evicted.includes('v5:price:end'));

    return this.evicted.splice(0).filter((tag) => tag !== 'v5:price:end');
  }

  async terminate(): Promise<void> {
    await database.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${this.name}'`,
    );
  }

  close(): Promise<void> {
    return this.feed.close();
  }
}

beforeAll(async () => {
  database = new Database();
  await database.run(`
    CREATE TABLE prices (sku text PRIMARY KEY, cents integer NOT NULL DEFAULT 100, shelf integer);
    CREATE TABLE shelves (id integer PRIMARY KEY, name text)`);
  await database.run(externalWritesSql(FAMILIES));
  // A migration may be run again.
  await database.run(externalWritesSql(FAMILIES));
});
beforeEach(() => database.run('TRUNCATE prices, shelves, ncc_changes, ncc_readers'));
afterEach(async () => {
  await Promise.all(readers.map((reader) => reader.close()));
  readers = [];
});
afterAll(() => database.close());

describe('what a database notes', () => {
  it.each([
    ['an insert', `INSERT INTO prices VALUES ('a', 1), ('b', 1)`, ['v5:price:a', 'v5:price:b']],
    [
      'an update, of what was there before too',
      `UPDATE prices SET sku = 'y' WHERE sku = 'x'`,
      ['v5:price:x', 'v5:price:y'],
    ],
    ['a delete', `DELETE FROM prices WHERE sku = 'x'`, ['v5:price:x']],
    ['a truncation, as the whole family', 'TRUNCATE prices', ['fprice', 'fshelf']],
    ['one of several columns', `UPDATE prices SET shelf = 7 WHERE sku = 'x'`, ['v5:price:x', 'v5:shelf:7']],
    ['a number as its text', 'INSERT INTO shelves VALUES (12)', ['v5:shelf:12']],
    ['nothing where no row was concerned', `DELETE FROM prices WHERE sku = 'nobody'`, []],
    ['very many values as the whole family', `INSERT INTO prices SELECT generate_series(1, 1001)::text`, ['fprice']],
  ])('is %s', async (_, statement, expected) => {
    await database.run(`INSERT INTO prices VALUES ('x')`);
    const reader = await new Reader(undefined).ready();
    await database.run(statement);

    expect([...(await reader.heardSoFar())].sort()).toEqual(expected);
  });

  it('is not what was rolled back', async () => {
    const reader = await new Reader(undefined).ready();
    const transaction = await database.begin();
    await transaction.run(`INSERT INTO prices VALUES ('a')`);
    await transaction.end('ROLLBACK');

    expect(await reader.heardSoFar()).toEqual([]);
  });

  it('asks nothing of the other program: no rights on the tables of the feed', async () => {
    const reader = await new Reader(undefined).ready();
    const heard = await withRole('GRANT SELECT, INSERT, UPDATE ON prices', async (role) => {
      const transaction = await database.begin();
      await transaction.run(`SET LOCAL ROLE ${role}; INSERT INTO prices VALUES ('imported')`);
      await transaction.end('COMMIT');
      return reader.heardSoFar();
    });

    expect(heard).toEqual(['v5:price:imported']);
  });

  it('is read with no more rights than those on the tables of the feed', async () => {
    const rights = 'GRANT SELECT, DELETE ON ncc_changes TO $role; GRANT SELECT, INSERT, UPDATE ON ncc_readers';
    await withRole(rights, async (role) => {
      const reader = new Reader('ncc', 'restricted', {
        connect: () => connectionNamed('restricted', `-c role=${role}`),
        retention: 0,
        period: '20ms',
      });
      await reader.listen();
      await database.run(`INSERT INTO prices VALUES ('a')`);
      await withinMs(SOON_MS, async () => (await database.number('SELECT count(*) FROM ncc_changes')) === 0);
      expect(reader.events.filter(({ type }) => type === 'relay-suspended')).toEqual([]);
      await reader.close();
    });
  });
});

/** Roles belong to the server and not to the database of this file, so each goes with its test. */
async function withRole<T>(grants: string, work: (role: string) => Promise<T>): Promise<T> {
  const role = `role_${process.pid}`;
  await database.run(`CREATE ROLE ${role}; ${grants.replaceAll('$role', role)} TO ${role}`);
  try {
    return await work(role);
  } finally {
    await database.run(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
}

describe('a reader', () => {
  it('evicts everything of its families before it has read anything', async () => {
    const reader = await new Reader(undefined).listen();
    await reader.hears(() => reader.events.length > 0);

    expect(reader.evicted).toEqual(['fprice', 'fshelf']);
    expect(reader.events).toEqual([{ type: 'feed-restarted', because: 'no-position', families: ['price', 'shelf'] }]);
  });

  it('passes over nothing that commits late, and waits for nothing that is still open', async () => {
    const reader = await new Reader('ncc').ready();
    const early = await database.begin();
    await early.run(`INSERT INTO prices VALUES ('early')`);
    await database.run(`INSERT INTO prices VALUES ('late')`);
    await reader.hears(() => reader.evicted.includes('v5:price:late'));
    expect(await reader.heardSoFar()).toEqual(['v5:price:late']);
    await early.end('COMMIT');

    expect(await reader.heardSoFar()).toEqual(['v5:price:early']);
  });

  it('reads what has piled up in batches', async () => {
    const first = await new Reader('ncc').ready();
    await first.close();
    for (const sku of ['a', 'b', 'c', 'd', 'e']) await database.run(`INSERT INTO prices VALUES ('${sku}')`);
    const reader = await new Reader('ncc', 'batches', { batch: 2 }).listen();
    await reader.hears(() => reader.evicted.length === 5);

    expect(reader.evicted).toEqual(['a', 'b', 'c', 'd', 'e'].map((sku) => `v5:price:${sku}`));
  });

  it('loses nothing when its backend is killed', async () => {
    const reader = await new Reader(undefined).ready();
    for (const sku of ['a', 'b', 'c']) {
      await Promise.all([reader.terminate(), database.run(`INSERT INTO prices VALUES ('${sku}')`)]);
      await reader.hears(() => reader.evicted.includes(`v5:price:${sku}`));
    }

    expect(reader.events.filter(({ type }) => type === 'feed-restarted')).toEqual([]);
  });

  it.each([undefined, 'ncc'])('loses nothing while it cannot connect (reader: %s)', async (name) => {
    const reader = await new Reader(name, 'away', { period: '50ms' }).ready();
    reader.isConnected = false;
    await reader.terminate();
    await reader.hears(() => reader.events.some(({ type }) => type === 'relay-suspended'));
    await database.run(`INSERT INTO prices VALUES ('a')`);
    reader.isConnected = true;
    await reader.hears(() => reader.events.some(({ type }) => type === 'relay-resumed'));

    expect(reader.evicted).toEqual(['v5:price:a']);
    expect(reader.events.map(({ type }) => type)).toEqual(['relay-suspended', 'relay-resumed']);
  });

  it('goes on where the instances before it were, after all of them had ended', async () => {
    const before = await new Reader('ncc').ready();
    await before.close();
    await database.run(`INSERT INTO prices VALUES ('a')`);
    const after = await new Reader('ncc').listen();

    expect(await after.heardSoFar()).toEqual(['v5:price:a']);
  });

  it('tries again what could not be evicted', async () => {
    const reader = await new Reader('ncc', 'again', { period: '20ms' }).ready();
    reader.isWell = false;
    await database.run(`INSERT INTO prices VALUES ('a')`);
    await reader.hears(() => reader.events.some(({ type }) => type === 'relay-suspended'));
    reader.isWell = true;

    expect(await reader.heardSoFar()).toEqual(['v5:price:a']);
  });

  it('shares its work with the instances of its name, and with no other', async () => {
    const [one, two, other, own] = await Promise.all([
      new Reader('ncc', 'one').listen(),
      new Reader('ncc', 'two').listen(),
      new Reader('another application', 'other').listen(),
      new Reader(undefined, 'own').listen(),
    ]);
    await withinMs(SOON_MS, async () =>
      [one, other, own].every(({ evicted }, index) =>
        index === 0 ? one.evicted.length + two.evicted.length > 0 : evicted.length > 0,
      ),
    );
    for (const reader of [one, two, other, own]) reader.evicted.length = 0;
    for (const sku of ['a', 'b', 'c']) await database.run(`INSERT INTO prices VALUES ('${sku}')`);
    await withinMs(SOON_MS, async () =>
      [[...one.evicted, ...two.evicted], other.evicted, own.evicted].every((all) => all.length >= 3),
    );

    expect([...one.evicted, ...two.evicted].sort()).toEqual(['v5:price:a', 'v5:price:b', 'v5:price:c']);
  });

  it('leaves to another instance what that is carrying out, until it has', async () => {
    const [one, two] = [new SharedPosition('ncc_readers', 'ncc'), new SharedPosition('ncc_readers', 'ncc')];
    const { pool } = database;
    const position = { snapshot: '1:1:', server: 'this one', atMs: 1 };
    expect([await one.claim(pool), await two.claim(pool)]).toEqual([undefined, 'busy']);
    await two.keep(pool, { ...position, atMs: 0 });
    await one.keep(pool, position);

    expect(await two.claim(pool)).toEqual(position);
  });

  it('lets another instance carry out what it cannot, and stands back for its own next attempt', async () => {
    const [one, two] = [new SharedPosition('ncc_readers', 'ncc'), new SharedPosition('ncc_readers', 'ncc')];
    const { pool } = database;
    await one.claim(pool);
    await one.release(pool);
    expect([await one.claim(pool), await two.claim(pool)]).toEqual(['busy', undefined]);
    await two.release(pool);

    expect([await two.claim(pool), await one.claim(pool)]).toEqual(['busy', undefined]);
  });

  it('is heard through another instance when its own cannot reach the store', async () => {
    const unwell = await new Reader('ncc', 'unwell', { period: '50ms' }).ready();
    unwell.isWell = false;
    await database.run(`INSERT INTO prices VALUES ('a')`);
    await unwell.hears(() => unwell.events.some(({ type }) => type === 'relay-suspended'));
    const well = await new Reader('ncc', 'well', { period: '50ms' }).listen();
    await well.hears(() => well.evicted.includes('v5:price:a'));
    await database.run(`INSERT INTO prices VALUES ('b')`);
    await well.hears(() => well.evicted.includes('v5:price:b'));

    expect(unwell.evicted).toEqual([]);
  });

  it('passes over nothing of a family that only other instances feed, as in two releases at once', async () => {
    const both = await new Reader('ncc').ready();
    await both.close();
    await database.run(`INSERT INTO shelves VALUES (12)`);
    const earlier = await new Reader('ncc', 'earlier', { families: { price: FAMILIES.price } }).ready();
    await earlier.heardSoFar();
    await earlier.close();
    const again = await new Reader('ncc').listen();
    await again.hears(() => again.evicted.length > 0);

    expect(again.evicted).toContain('v5:shelf:12');
  });

  it('takes over from an instance that died in the middle', async () => {
    await (await new Reader('ncc').ready()).close();
    await database.run(`INSERT INTO prices VALUES ('a')`);
    await database.run(
      `UPDATE ncc_readers SET claimed_by = gen_random_uuid(), claimed_until = clock_timestamp() + interval '1 second'`,
    );
    const reader = await new Reader('ncc', 'heir', { period: '50ms' }).listen();
    await reader.hears(() => reader.evicted.length > 0);

    expect(reader.evicted).toEqual(['v5:price:a']);
  });

  it('evicts its families as a whole when it was away for too long, or the server is another', async () => {
    const settled = await new Reader('ncc').ready();
    await settled.close();
    const position = `position || jsonb_build_object('atMs', (position->>'atMs')::float8 - 1000 * 60 * 31)`;
    await database.run(`UPDATE ncc_readers SET position = ${position}`);
    const late = await new Reader('ncc').listen();
    await late.hears(() => late.events.length > 0);
    expect(late.events).toMatchObject([{ type: 'feed-restarted', because: 'too-long-ago' }]);
    await late.close();
    await database.run(`UPDATE ncc_readers SET position = position || '{"server": "another"}'`);
    const elsewhere = await new Reader('ncc').listen();
    await elsewhere.hears(() => elsewhere.events.length > 0);

    expect(elsewhere.events).toMatchObject([{ type: 'feed-restarted', because: 'other-server' }]);
    expect(elsewhere.evicted).toEqual(['fprice', 'fshelf']);
  });

  it('removes what was committed long ago, and nothing that was committed just now', async () => {
    const reader = await new Reader(undefined, 'pruning', { retention: '1s', period: '50ms' }).ready();
    const slow = await database.begin();
    await slow.run(`INSERT INTO prices VALUES ('slow')`);
    await database.run(`INSERT INTO prices VALUES ('old')`);
    await reader.hears(() => reader.evicted.includes('v5:price:old'));
    // A transaction that is still open keeps what was committed after its begin.
    await slow.end('COMMIT');
    await reader.hears(() => reader.evicted.includes('v5:price:slow'));
    await withinMs(SOON_MS, async () => (await database.number('SELECT count(*) FROM ncc_changes')) === 0);

    // A machine that is too busy to look for half a second evicts the families besides.
    expect(reader.evicted.filter((tag) => tag.startsWith('v'))).toEqual(['v5:price:old', 'v5:price:slow']);
  });
});

it('a transaction that stays open for longer than changes are kept loses nothing', async () => {
  const changes = new FeedChanges('ncc_changes', ['price'], 10, 0);
  const slow = await database.begin();
  await slow.run(`INSERT INTO prices VALUES ('slow')`);
  await database.run(`INSERT INTO prices VALUES ('quick')`);
  const before = await changes.now(database.pool);
  await changes.prune(database.pool, before);
  await slow.end('COMMIT');
  await changes.prune(database.pool, await changes.now(database.pool));

  const left = [];
  for await (const tags of changes.between(database.pool, before, await changes.now(database.pool))) left.push(...tags);
  expect(left).toEqual(['v5:price:slow']);
});

describe('a feed that could not deliver', () => {
  it('is refused while a trigger is missing, switched off, or of another column', async () => {
    for (const [breaks, mends] of [
      ['DROP TRIGGER ncc_update_price ON prices', externalWritesSql(FAMILIES)],
      ['ALTER TABLE prices DISABLE TRIGGER ncc_delete_price', 'ALTER TABLE prices ENABLE TRIGGER ncc_delete_price'],
      [externalWritesSql({ price: { table: 'prices', column: 'cents' } }), externalWritesSql(FAMILIES)],
    ] as const) {
      await database.run(breaks);
      await expect(new Reader(undefined).listen()).rejects.toMatchObject({
        code: 'STORE_REFUSED',
        what: "Changes of prices are not noted for 'price'",
      });
      await database.run(mends);
    }
    await new Reader(undefined).ready();
  });

  it('is refused while PostgreSQL does not answer', async () => {
    const reader = new Reader(undefined);
    reader.isConnected = false;

    await expect(reader.listen()).rejects.toMatchObject({ code: 'STORE_REFUSED', what: 'PostgreSQL does not answer' });
  });

  it('is refused when a family has a name too long for a trigger', () => {
    expect(() => externalWritesSql({ ['x'.repeat(60)]: { table: 'prices', column: 'sku' } })).toThrow('too long');
  });
});
