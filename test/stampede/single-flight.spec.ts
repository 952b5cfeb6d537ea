import { expect, it } from '@jest/globals';
import { ManualClock } from 'nestjs-consistent-cache/testing';
import { SingleFlight } from '../../src/stampede/single-flight.js';
import { Deferred } from '../support/deferred.js';

it('can be joined while it runs, and not after', async () => {
  const flights = new SingleFlight<number>(new ManualClock());
  const load = new Deferred<number>();
  const { result } = flights.start('a', 0, () => load.promise);

  expect(flights.joinable('a', 0)?.result).toBe(result);
  expect(flights.joinable('b', 0)).toBeUndefined();
  load.resolve(1);
  expect(await result).toBe(1);

  expect(flights.joinable('a', 0)).toBeUndefined();
  expect(flights.size).toBe(0);
});

it('can be joined by a caller to whom its start is not too long ago', () => {
  const flights = new SingleFlight<number>(new ManualClock());
  flights.start('a', 100, () => new Deferred<number>().promise);

  expect(flights.joinable('a', 100)).toBeDefined();
  expect(flights.joinable('a', 101)).toBeUndefined();
  expect(flights.joinable('a', Infinity)).toBeUndefined();
});

it('leaves its place to a newer one, and does not take it with it when it ends', async () => {
  const flights = new SingleFlight<number>(new ManualClock());
  const [older, newer] = [new Deferred<number>(), new Deferred<number>()];
  const first = flights.start('a', 0, () => older.promise);
  const second = flights.start('a', 1, () => newer.promise);

  older.resolve(1);
  await first.result;
  expect(flights.joinable('a', 0)).toBe(second);

  newer.resolve(2);
  await second.result;
  expect(flights.size).toBe(0);
});

it('that fails does not stay (H11 begins here)', async () => {
  const flights = new SingleFlight<number>(new ManualClock());
  const { result } = flights.start('a', 0, () => Promise.reject(new Error('down')));

  await expect(result).rejects.toThrow('down');
  expect(flights.size).toBe(0);
});

it('lingers for as long as its result is to be repeated', async () => {
  const clock = new ManualClock();
  const flights = new SingleFlight<number>(clock);
  await flights.start('a', 0, () => Promise.resolve(1), { lingerMs: () => 100 }).result;

  clock.advance('99ms');
  expect(await flights.joinable('a', 0)?.result).toBe(1);
  clock.advance('1ms');
  expect(flights.joinable('a', 0)).toBeUndefined();
});
