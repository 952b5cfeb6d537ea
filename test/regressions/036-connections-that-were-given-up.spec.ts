import { afterEach, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { setImmediate as settled } from 'node:timers/promises';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { postgresFeed } from 'nestjs-consistent-cache/postgres';
import { FeedConnection } from '../../src/coordination/postgres/feed-connection.js';
import type { SqlConnection } from '../../src/coordination/postgres/sql-client.js';
import { Deferred } from '../support/deferred.js';

const TRIGGERS = { rows: [{ triggers: 4 }] };

let connections: FakeConnection[] = [];
afterEach(() => {
  connections = [];
});

/** Well, and yet it carries out no statement but those of the start: a standby, or a role without the rights. */
class FakeConnection extends EventEmitter implements SqlConnection {
  isEnded = false;
  failure: Error = new Error('cannot execute UPDATE in a read-only transaction');

  constructor(private readonly connected: Promise<void> = Promise.resolve()) {
    super();
    connections.push(this);
  }

  connect(): Promise<void> {
    return this.connected;
  }

  async query(text: string): Promise<{ readonly rows: readonly unknown[] }> {
    if (text.startsWith('LISTEN')) return { rows: [] };
    if (text.includes('pg_trigger')) return TRIGGERS;
    throw this.failure;
  }

  /** As a Client of `pg` does: the end is told a little later. */
  async end(): Promise<void> {
    this.isEnded = true;
    await settled();
    this.emit('end');
  }
}

const manyTurns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await settled();
};

// A connection that is given up because a statement failed tells of its end later on. That was taken for the loss of the
// connection in its place, so the feed connected, failed and connected again without a pause.
it('a statement that keeps failing is tried again in its time, and not at once', async () => {
  const clock = new ManualClock();
  const feed = postgresFeed({
    connect: () => new FakeConnection(),
    families: { price: { table: 'prices', column: 'sku' } },
    period: '1h',
  }).open({ reader: 'ncc', clock, report: () => undefined });
  await feed.listen(() => Promise.resolve());
  await manyTurns();
  expect(connections).toHaveLength(1);

  clock.advance('1h');
  await manyTurns();
  expect(connections).toHaveLength(2);

  await feed.close();
  expect(connections.map(({ isEnded }) => isEnded)).toEqual([true, true]);
});

// While its successor was still connecting nobody knew that one any more: it was never ended, and kept the process alive.
it('the late end of one connection does not make its successor forgotten', async () => {
  const gate = new Deferred();
  const woken: string[] = [];
  const connection = new FeedConnection(
    () => new FakeConnection(connections.length === 0 ? undefined : gate.promise),
    'ncc_changes',
    () => woken.push('changed'),
  );
  await expect(connection.query('UPDATE ncc_readers')).rejects.toThrow();
  const second = connection.query('SELECT FROM pg_trigger');
  await manyTurns();
  gate.resolve();

  expect(await second).toEqual(TRIGGERS);
  expect(await connection.query('SELECT FROM pg_trigger')).toEqual(TRIGGERS);
  await connection.close();
  expect(connections.map(({ isEnded }) => isEnded)).toEqual([true, true]);
  expect(woken).toEqual([]);
});

it('one that is lost by itself is made anew at once, and ended like any other', async () => {
  const woken: string[] = [];
  const connection = new FeedConnection(
    () => new FakeConnection(),
    'ncc_changes',
    () => woken.push('changed'),
  );
  await connection.query('SELECT FROM pg_trigger');
  connections[0]?.emit('error', new Error('terminating connection due to administrator command'));
  await manyTurns();
  await connection.query('SELECT FROM pg_trigger');
  await connection.close();

  expect(woken).toEqual(['changed']);
  expect(connections.map(({ isEnded }) => isEnded)).toEqual([true, true]);
});

it('one that is ended in the middle of a statement is made anew at once, too', async () => {
  const woken: string[] = [];
  const connection = new FeedConnection(
    () => new FakeConnection(),
    'ncc_changes',
    () => woken.push('changed'),
  );
  await connection.query('SELECT FROM pg_trigger');
  for (const each of connections) each.failure = Object.assign(new Error('terminating connection'), { code: '57P01' });
  await expect(connection.query('UPDATE ncc_readers')).rejects.toThrow();
  await manyTurns();
  await connection.close();

  expect(woken).toEqual(['changed']);
  expect(connections.map(({ isEnded }) => isEnded)).toEqual([true]);
});
