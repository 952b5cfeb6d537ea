import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setImmediate as settled } from 'node:timers/promises';
import { SteadyWork } from '../../../src/coordination/postgres/steady-work.js';
import type { RelayEvent } from '../../../src/coordination/relay-event.js';
import { Deferred } from '../../support/deferred.js';

function working() {
  const clock = new ManualClock();
  const events: RelayEvent[] = [];
  const rounds: Deferred[] = [];
  const work = new SteadyWork(
    'outbox',
    () => {
      const round = new Deferred();
      rounds.push(round);
      return round.promise;
    },
    1_000,
    clock,
    (event) => events.push(event),
  );
  const end = async (error?: Error): Promise<void> => {
    if (error === undefined) rounds.at(-1)?.resolve();
    else rounds.at(-1)?.reject(error);
    await settled();
  };
  work.start();

  return { clock, end, events, rounds, work };
}

it('works at once, and then each period', async () => {
  const { clock, end, rounds } = working();
  expect(rounds).toHaveLength(1);
  await end();
  clock.advance('999ms');
  expect(rounds).toHaveLength(1);
  clock.advance('1ms');

  expect(rounds).toHaveLength(2);
});

it('works never twice at a time, and once more when it was woken meanwhile', async () => {
  const { end, rounds, work } = working();
  work.wake();
  work.wake();
  expect(rounds).toHaveLength(1);
  await end();
  expect(rounds).toHaveLength(2);
  await end();

  expect(rounds).toHaveLength(2);
});

it('is woken between its periods, which then count from there', async () => {
  const { clock, end, rounds, work } = working();
  await end();
  clock.advance('600ms');
  work.wake();
  await end();
  clock.advance('999ms');
  expect(rounds).toHaveLength(2);
  clock.advance('1ms');

  expect(rounds).toHaveLength(3);
});

it('tells of a failure once, tries again each period, and tells when it works again', async () => {
  const { clock, end, events } = working();
  const cause = new Error('down');
  await end(cause);
  clock.advance('1s');
  await end(new Error('still down'));
  clock.advance('1s');
  await end();

  expect(events).toEqual([
    { type: 'relay-suspended', source: 'outbox', cause },
    { type: 'relay-resumed', source: 'outbox', suspendedMs: 2_000 },
  ]);
});

it('ends with what is running, and tells of nothing that breaks off then', async () => {
  const { clock, end, events, rounds, work } = working();
  work.wake();
  const stopped = work.stop();
  await end(new Error('the connection was closed'));
  await stopped;
  work.wake();
  clock.advance('1h');

  expect(rounds).toHaveLength(1);
  expect(events).toEqual([]);
});
