import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { setImmediate as settled } from 'node:timers/promises';
import { SteadyWork } from '../../../src/coordination/postgres/steady-work.js';
import type { Round } from '../../../src/coordination/postgres/steady-work.js';
import type { RelayEvent } from '../../../src/coordination/relay-event.js';
import { Deferred } from '../../support/deferred.js';

function working() {
  const clock = new ManualClock();
  const events: RelayEvent[] = [];
  const rounds: Deferred<Round>[] = [];
  const work = new SteadyWork(
    'outbox',
    () => {
      const round = new Deferred<Round>();
      rounds.push(round);
      return round.promise;
    },
    1_000,
    clock,
    (event) => events.push(event),
  );
  const end = async (how: Round | Error = 'done'): Promise<void> => {
    if (how instanceof Error) rounds.at(-1)?.reject(how);
    else rounds.at(-1)?.resolve(how);
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

it('does not take for its own recovery what it left to another instance', async () => {
  const { clock, end, events } = working();
  await end(new Error('down'));
  clock.advance('1s');
  await end('left-to-others');
  expect(events.map(({ type }) => type)).toEqual(['relay-suspended']);
  clock.advance('1s');
  await end('done');

  expect(events.map(({ type }) => type)).toEqual(['relay-suspended', 'relay-resumed']);
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
